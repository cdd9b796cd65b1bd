import { type Markup, markup } from './markup.ts'
import { hatching, plotStyle } from './style.ts'

/** One picture of a row of pictures that are compared. */
export interface Panel {
  readonly title: string
  readonly note: string
  /** for those who do not see it */
  readonly label: string
  readonly width: number
  readonly height: number
  readonly drawing: Markup
}

export const picture = ({ width, height, label, drawing }: Panel): Markup =>
  markup`<svg class="plot" viewBox="0 0 ${width} ${height}" role="img" aria-label="${label}">${drawing}</svg>`

/** In the page, with its words around it. */
export const figure = (panel: Panel): Markup =>
  markup`<figure><figcaption><h3>${panel.title}</h3><p>${panel.note}</p></figcaption>${picture(panel)}</figure>`

/** A file of its own. @param label says to those who do not see it what it shows */
export const standalone = (label: string, width: number, height: number, drawing: Markup): string =>
  markup`<svg xmlns="http://www.w3.org/2000/svg" class="plot" viewBox="0 0 ${width} ${height}" width="${width}" height="${height}" role="img" aria-label="${label}">
<style>${{ markup: plotStyle }}</style><defs>${hatching}</defs>
<rect class="paper" width="${width}" height="${height}"/>
${drawing}
</svg>
`.markup

const [margin, gap, head] = [40, 40, 76]

/** All panels, which have one size, on one sheet. @param description how to read it, for those who do not see it */
export function sheet(title: string, panels: readonly Panel[], columns: number, description?: string): string {
  const { width = 0, height = 0 } = panels[0] ?? {}
  const rows = Math.ceil(panels.length / columns)
  const drawn = panels.map(
    (panel, i) =>
      markup`<g transform="translate(${margin + (i % columns) * (width + gap)} ${margin + 50 + Math.floor(i / columns) * (height + head + gap)})"><text class="name" y="24">${panel.title}</text><text class="quiet" y="54">${panel.note}</text><g transform="translate(0 ${head})">${panel.drawing}</g></g>`,
  )
  return standalone(
    [title, ...panels.map(({ label }) => label)].join('. '),
    2 * margin + columns * width + (columns - 1) * gap,
    2 * margin + 50 + rows * (height + head) + (rows - 1) * gap,
    markup`${description === undefined ? null : markup`<title>${title}</title><desc>${description}</desc>`}<text class="title" x="${margin}" y="${margin + 20}">${title}</text>${drawn}`,
  )
}
