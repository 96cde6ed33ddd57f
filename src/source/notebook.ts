import { unread } from '../extension/reader.ts'
import { parseExact } from '../kernel/json.ts'
import { withoutEnd } from '../lib/text/without-end.ts'
import type { ParsedFile } from './document.ts'
import { splitUnits } from './split.ts'
import { readDecoded } from './text.ts'

export const NOTEBOOK_TYPE = 'application/x-ipynb+json'

type Fields = { readonly [key: string]: unknown }

/**
 * Reads the cells of a notebook as one Markdown text: prose, code, and the texts of its outputs. Pictures are a gap.
 * @throws TerminalError if it is not a notebook
 */
export async function parseNotebook(bytes: Buffer): Promise<ParsedFile> {
  const { text: json, note } = await readDecoded(bytes)
  const notebook = fieldsOf(parsed(json))
  // before version 4, the cells were in sheets
  const cells = [notebook, ...listOf(notebook.worksheets)].flatMap((part) => listOf(part.cells))
  if (cells.length === 0 && !Array.isArray(notebook.cells)) throw broken()
  const language = wordOf(fieldsOf(fieldsOf(notebook.metadata).language_info).name) || 'python'
  const pictures = { count: 0 }
  const text = cells.flatMap((cell) => partsOf(cell, language, pictures)).join('\n\n')
  const { count } = pictures
  const gaps = count === 0 ? [] : [count === 1 ? '1 picture is left out' : `${count} pictures are left out`]
  return {
    type: NOTEBOOK_TYPE,
    modality: 'text',
    // the lines of the markdown are not those of the file
    places: 'words',
    metadata: {},
    text,
    units: splitUnits('notebook.md', text),
    gaps: note === undefined ? gaps : [note, ...gaps],
  }
}

/** Whether a text in JSON is a notebook, by the keys that all notebooks have. */
export const isNotebook = (text: string): boolean =>
  /^\s*\{/.test(text) && /"nbformat"\s*:\s*\d/.test(text) && /"cell_type"\s*:|"cells"\s*:/.test(text)

function parsed(json: string): unknown {
  try {
    return parseExact(json)
  } catch {
    throw broken()
  }
}

const broken = () => unread('it is a broken notebook', 'bad_value')

const fieldsOf = (value: unknown): Fields => (typeof value === 'object' && value !== null ? (value as Fields) : {})
const listOf = (value: unknown): readonly Fields[] => (Array.isArray(value) ? value.map(fieldsOf) : [])
const wordOf = (value: unknown): string => (typeof value === 'string' && /^[\w+#.-]{1,30}$/.test(value) ? value : '')

/** A text, or a list of its lines with their ends. */
const linesOf = (value: unknown): string =>
  (Array.isArray(value) ? value : [value]).map((line) => (typeof line === 'string' ? line : '')).join('')

type Pictures = { count: number }

function partsOf(cell: Fields, language: string, pictures: Pictures): readonly string[] {
  const source = linesOf(cell.source ?? cell.input)
  const level = typeof cell.level === 'number' ? cell.level : 1
  if (cell.cell_type === 'heading') return [`${'#'.repeat(Math.min(6, Math.max(1, level)))} ${source.trim()}`]
  if (cell.cell_type !== 'code') return [withoutPictures(source, pictures)].filter((text) => text.trim() !== '')
  const outputs = listOf(cell.outputs).flatMap((output) => outputOf(output, pictures))
  return [...(source.trim() === '' ? [] : [fenced(source, language)]), ...outputs]
}

/** A picture in a text may be written as the characters of its bytes. */
const PICTURE = /!\[[^\]\n]{0,300}\]\((?:data|attachment):[^)\s]*[^)\n]{0,300}\)|<img\b[^>]*?\bsrc=["']?data:[^>]*>/gi

function withoutPictures(text: string, pictures: Pictures): string {
  return text.replace(PICTURE, () => {
    pictures.count++
    return ''
  })
}

/** Colours of a terminal. */
const COLOURS = new RegExp(`${String.fromCharCode(27)}\\[[0-9;]*[A-Za-z]`, 'g')

/** The text of an output; the same in several forms is read in one. Before version 4, the forms were its own fields. */
function outputOf(output: Fields, pictures: Pictures): readonly string[] {
  const data = { ...output, ...fieldsOf(output.data) }
  const picture = Object.keys(data).some((form) => /^(?:image\/|(?:png|jpeg|svg)$)/.test(form))
  if (picture) pictures.count++
  const markdown = linesOf(data['text/markdown'])
  if (markdown.trim() !== '') return [withoutPictures(markdown, pictures)]
  const error = output.output_type === 'error' || output.output_type === 'pyerr'
  const text = error
    ? `${linesOf(output.ename)}: ${linesOf(output.evalue)}`
    : linesOf(data['text/plain'] ?? data.text).replace(COLOURS, '')
  // a picture has the name of its object as its text
  return text.trim() === '' || (picture && /^<[^\n]*>$/.test(text.trim())) ? [] : [fenced(text, '')]
}

function fenced(text: string, language: string): string {
  const fence = /^[ \t]*```/m.test(text) ? '~~~' : '```'
  return `${fence}${language}\n${withoutEnd(text, /\n/)}\n${fence}`
}
