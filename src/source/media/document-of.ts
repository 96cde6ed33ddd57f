import { formatSize } from '../../lib/text/format-size.ts'
import { type FileContent, packUnits, type Unit } from '../document.ts'
import type { MediaFacts, MediaPassage, MediaReading } from './reading.ts'
import { cuesOf, isTimedText } from './timed-text.ts'

/** Facts that a caller has of the file. */
type About = { readonly name: string; readonly type: string; readonly bytes: number }

/** A line of a document with its place, a media fragment. */
type PlacedLine = { readonly text: string; readonly at: string; readonly heading: string; readonly group: number }

/** A reading as a document: a line for each fact and each passage, and a list with the place of each line. Pure. */
export function documentOfReading(about: About, { facts, passages, gaps }: Omit<MediaReading, 'frames'>): FileContent {
  const lines: PlacedLine[] = [
    ...linesOfFacts(about, facts).map((text) => ({
      text,
      at: wholeOf(facts),
      heading: `Facts about ${about.name}`,
      group: 0,
    })),
    ...passages.map(lineOf),
  ]
  const modality = facts.kind === 'pages' ? 'text' : facts.kind
  return documentOfLines(modality, lines, gaps)
}

/** A document with a unit for each line. Lines of one `group` are read together. Pure. */
export function documentOfLines(
  modality: FileContent['modality'],
  lines: readonly PlacedLine[],
  gaps: readonly string[] = [],
): FileContent {
  const { text, units, ...placed } = placedUnits(lines)
  return { modality, ...placed, text, units: packUnits(text, units), gaps }
}

/** The cues of a file of subtitles (SRT, WebVTT), a line for each; undefined for another text. Pure. */
export function subtitleUnits(text: string) {
  const { passages, isCut } = isTimedText(text) ? cuesOf(text) : { passages: [], isCut: false }
  return passages.length === 0
    ? undefined
    : { ...placedUnits(passages.map(lineOf)), gaps: isCut ? ['only the first 10,000 subtitles are read'] : [] }
}

function placedUnits(lines: readonly PlacedLine[]) {
  const units: Unit[] = []
  let start = 0
  for (const [index, { text, heading, group }] of lines.entries()) {
    const line = index + 1
    const end = start + text.length
    units.push({ text, kind: 'item', line, endLine: line, start, end, heading, block: index, page: group + 1 })
    start = end + 1
  }
  const text = lines.map((line) => line.text).join('\n')
  return { places: 'fragments' as const, text, units, fragments: lines.map(({ at }) => at) }
}

/** The place of the whole file. */
function wholeOf(facts: MediaFacts): string {
  if (facts.kind === 'image') return `xywh=0,0,${facts.width},${facts.height}`
  return facts.kind === 'audio' || facts.kind === 'video' ? `t=0,${facts.seconds}` : ''
}

const HEADINGS = { ocr: 'Text in it', speech: 'Speech', subtitle: 'Subtitles', chapter: 'Chapters' } as const

/** Seconds of speech or subtitles that are read together. */
const STRETCH = 10

/** Passages of one frame, of one picture, and of a few seconds are read together. */
function lineOf({ text, at, from }: MediaPassage): PlacedLine {
  const time = Number(/(?:^|&)t=([\d.]+)/.exec(at)?.[1] ?? 0)
  const group = Math.floor(from === 'ocr' ? time : time / STRETCH) + 1
  return { text: text.replaceAll(/\s+/g, ' '), at, heading: HEADINGS[from], group }
}

function linesOfFacts({ name, type, bytes }: About, facts: MediaFacts): readonly string[] {
  return [`${name} is a file of type ${type} and ${formatSize(bytes)}.`, ...sentences(facts)]
}

function sentences(facts: MediaFacts): readonly string[] {
  switch (facts.kind) {
    case 'image':
      return [
        `The picture has ${facts.width} × ${facts.height} pixels, which are its size and its dimensions: the image is ${facts.width} pixels wide and ${facts.height} pixels high.`,
        ...said('It was taken with the camera', facts.camera),
        ...said('It was taken at', facts.takenAt?.replace('T', ' ')),
      ]
    case 'audio':
      return [
        `The recording has a length of ${lengthOf(facts.seconds)}.`,
        ...said('Its codec is', facts.codec),
        ...tagLines(facts.tags),
      ]
    case 'video':
      return [
        `The film has a length of ${lengthOf(facts.seconds)}.`,
        ...(facts.width === undefined
          ? []
          : [
              `Its size is ${facts.width} × ${facts.height} pixels: ${facts.width} pixels wide and ${facts.height} pixels high.`,
            ]),
        ...said('Its frame rate is', facts.framesPerSecond),
        `Its tracks are: ${facts.tracks.map(({ type, codec, language }) => [type, codec, language].filter(Boolean).join(' ')).join(', ')}.`,
        ...tagLines(facts.tags),
      ]
    case 'model':
      return [
        ...said('The name of the model is', facts.name),
        ...said('Its architecture is', facts.architecture),
        ...said('Its number of parameters is', facts.parameters),
        ...said('Its quantisation is', facts.quantisation),
        ...said('Its context length in tokens is', facts.contextTokens),
        ...said('Its licence is', facts.licence),
        `Its tensors by type are: ${Object.entries(facts.tensors)
          .map(([type, count]) => `${count} ${type}`)
          .join(', ')}.`,
      ]
    case 'pages':
      return [`It has ${facts.pages} pages.`]
  }
}

const said = (what: string, value: string | number | undefined): readonly string[] =>
  value === undefined ? [] : [`${what} ${value}.`]

const tagLines = (tags: { readonly [name: string]: string }): readonly string[] =>
  Object.entries(tags).map(([name, value]) => `Its ${name} is ${value}.`)

/** `75 seconds (1:15)`. */
function lengthOf(seconds: number): string {
  const [minutes, rest] = [Math.floor(seconds / 60), Math.floor(seconds % 60)]
  const whole = `${Math.round(seconds * 10) / 10} seconds`
  return minutes === 0 ? whole : `${whole} (${minutes}:${String(rest).padStart(2, '0')})`
}
