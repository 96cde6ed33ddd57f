import type { Block } from './blocks.ts'

type Rule = readonly [mark: RegExp, replacement: string]

const TAGS =
  'a|b|blockquote|br|center|code|details|div|em|font|h[1-6]|hr|i|img|kbd|li|ol|p|picture|pre|source|span|strong|sub|' +
  'summary|sup|table|tbody|td|th|thead|tr|u|ul'

const MARKUP: readonly Rule[] = [
  [/\r?\n[ \t]*(?:>[ \t]?)*/g, ' '],
  [/!\[[^\]]{0,200}\]\([^)]{0,500}\)/g, ''],
  [/\[([^\]]{0,300})\](?:\([^)]{0,500}\)|\[[^\]]{0,100}\])/g, '$1'],
  [new RegExp(`</?(?:${TAGS})(?:\\s[^<>\\n]{0,300})?/?>`, 'gi'), ' '],
  [/(^|[\s("'])(\*{1,3}|_{1,3})(?=\S)([^*_]{1,300})\2(?=$|[\s).,;:!?"'])/g, '$1$3'],
  [/`([^`]{1,300})`/g, '$1'],
]

/** The text of a short piece of Markdown or HTML as it reads; the cells of a table row are joined by dashes. */
export function plainText(text: string, kind: Block['kind']): string {
  const cells = kind === 'row' ? joinCells(text) : text
  const plain = MARKUP.reduce((rest, [mark, replacement]) => rest.replace(mark, replacement), cells)
  return plain.replace(/\s+/g, ' ').trim()
}

function joinCells(row: string): string {
  return row
    .split('|')
    .map((cell) => cell.trim())
    .filter(Boolean)
    .join(' — ')
}
