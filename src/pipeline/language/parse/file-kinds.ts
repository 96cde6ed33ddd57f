/** A kind of file: the author's words for it, its file ending, its media type; `binary`: text cannot produce it. */
type FileKind = {
  readonly words: readonly string[]
  readonly endings: readonly string[]
  readonly mime: string
  readonly binary?: true
}

const image = (words: string, mime: string): FileKind => ({
  words: words.split(' ').flatMap((word) => [word, `image-${word}`, `${word}-image`]),
  endings: words.split(' '),
  mime,
  binary: true,
})

/** The kinds of files that a step can produce. */
export const FILE_KINDS: { readonly [name: string]: FileKind } = {
  text: { words: ['text', 'txt', 'plain', 'text-file', 'plain-text'], endings: ['txt', 'log'], mime: 'text/plain' },
  markdown: { words: ['markdown', 'md', 'markdown-file'], endings: ['md', 'markdown'], mime: 'text/markdown' },
  html: { words: ['html', 'html-file'], endings: ['html', 'htm'], mime: 'text/html' },
  json: { words: ['json', 'json-data', 'json-file'], endings: ['json'], mime: 'application/json' },
  csv: { words: ['csv', 'csv-data', 'csv-file'], endings: ['csv'], mime: 'text/csv' },
  yaml: { words: ['yaml', 'yml', 'yaml-file'], endings: ['yaml', 'yml'], mime: 'application/yaml' },
  xml: { words: ['xml', 'xml-file'], endings: ['xml'], mime: 'application/xml' },
  svg: { words: ['svg', 'image-svg', 'svg-image'], endings: ['svg'], mime: 'image/svg+xml' },
  pdf: { words: ['pdf', 'pdf-file'], endings: ['pdf'], mime: 'application/pdf', binary: true },
  png: image('png', 'image/png'),
  jpeg: image('jpeg jpg', 'image/jpeg'),
  gif: image('gif', 'image/gif'),
  webp: image('webp', 'image/webp'),
}

/** The kind that an author's word means; undefined for an unknown word. */
export function fileKindOfWord(word: string): string | undefined {
  const plain = word.trim().toLowerCase().replace(/[_ ]/g, '-')
  return Object.keys(FILE_KINDS).find(
    (name) => FILE_KINDS[name]!.words.includes(plain) || FILE_KINDS[name]!.mime === plain,
  )
}

/** The kind that the ending of a path means; undefined when it is a template or unknown. */
export function fileKindOfPath(path: string): string | undefined {
  const [, ending = ''] = /\.(\w+)$/.exec(path.trim()) ?? []
  return Object.keys(FILE_KINDS).find((name) => FILE_KINDS[name]!.endings.includes(ending.toLowerCase()))
}
