/*
 * What is left of a text when everything is taken away in which two texts can differ that say the same to their readers:
 * for comparing, never for showing. Letters of different scripts that look alike stay different, and so do letters of
 * their own like ł and æ.
 */

/** Accents of Latin, Greek and Cyrillic (the iota below is a letter in capitals), Hebrew points, Arabic vowel signs and the stroke that makes a word longer. */
const marks =
  /[\u0300-\u0344\u0346-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670]/g
const unseen = /\p{Default_Ignorable_Code_Point}/gu
const spaces = /\p{White_Space}+/gu
const dashes = /[\p{Dash_Punctuation}\u2212]/gu
const apostrophes = /[\u2018-\u201b\u02bc\u2032`]/g
const quotationMarks = /[\u201c-\u201f\u00ab\u00bb]/g

/**
 * A text without capitals, accents, normal forms, widths, invisible characters, kinds of white space, dash or quotation
 * mark. Line breaks are white space; white space at both ends goes.
 */
export const folded = (text: string): string =>
  text
    .normalize('NFKD')
    .replaceAll(unseen, '')
    .replaceAll(marks, '')
    .replaceAll(spaces, ' ')
    .replaceAll(dashes, '-')
    .replaceAll(apostrophes, "'")
    .replaceAll(quotationMarks, '"')
    .trim()
    // full case folding: ß and ẞ are SS, and the sigma at a word's end is no other than one within
    .toLowerCase()
    .toUpperCase()
    .normalize('NFC')
