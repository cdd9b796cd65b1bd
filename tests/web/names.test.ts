import { describe, expect, it } from 'vitest'
import { asName, isCut } from '../../client/web/chat/names.ts'

describe('the name that somebody types on a phone', () => {
  it.each([
    ['Jürgen', 'jurgen'],
    ['Éve', 'eve'],
    ['Łukasz', 'lukasz'],
    ['Strauß', 'strauss'],
    ['Søren', 'soren'],
    ['Nguyễn', 'nguyen'],
  ])('loses its accents, and no letter: %s', (typed, name) => {
    expect(asName(typed)).toBe(name)
    expect(isCut(typed)).toBe(false)
  })

  it.each([
    ['陳', ''],
    ['2pac', 'pac'],
    ['<b>eve "x"', 'bevex'],
    ['a name that is far too long', 'anamethatisfarto'],
  ])('is cut to what a name can be, and that is noticed: %s', (typed, name) => {
    expect(asName(typed)).toBe(name)
    expect(isCut(typed)).toBe(true)
  })
})
