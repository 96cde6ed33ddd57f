/** Formats of pipelines beside those of JSON Schema. */
const FORMATS: { readonly [name: string]: (text: string) => boolean } = {
  'model-id': (text) => /^[\w-]+\/[\w.:-]+$/.test(text),
  'tool-name': (text) => /^[a-z][a-z0-9_-]*$/.test(text),
  'file-path': (text) => text !== '' && !text.startsWith(' ') && !text.includes('\0'),
  'yaml-path': (text) => /^\$?\.?[\w[\].*]+$/.test(text),
  'pipeline-ref': (text) => /^[\w-]+$/.test(text),
  'task-ref': (text) => /^[\w-]+\.[\w-]+$/.test(text),
}

/** Makes them known to a validator. */
export function addOwnFormats(known: { [name: string]: (text: string) => boolean }): void {
  Object.assign(known, FORMATS)
}
