import { basename } from 'node:path'
import { type FileContent, type FileDocument, packUnits } from '../../document.ts'
import { emptyPages, gapsOfPages, pagesOf, textOfPages } from '../../pdf/pages.ts'
import { readDocument, readFileBytes } from '../../source.ts'
import { gapFor, type MediaPrograms, type OpenedMedia } from '../programs.ts'
import type { MediaPassage, MediaReader, MediaReading } from '../reading.ts'
import { linesOfPicture } from './ocr.ts'

/** Pages of one PDF that are read from their pictures. */
const MAX_SCANNED = 20
/** Dots per inch: what tesseract was made for. */
const RESOLUTION = 200

/** Reads the pages of a PDF that have no text from their pictures. */
export const scanReader = (programs: MediaPrograms): MediaReader => ({
  name: 'scan-1',
  async read(file, { share, signal }) {
    const bytes = await readFileBytes(file.path, signal)
    const document = await readDocument(basename(file.name), bytes, {
      type: file.type,
      share,
      ...(signal && { signal }),
    })
    const pages = pagesOf(document)
    const empty = emptyPages(pages)
    const facts = { kind: 'pages', pages: pages.length } as const
    if (empty.length === 0) return { facts, passages: [], frames: [], gaps: [] }
    const missing = (await programs.gapOf('pdftoppm')) ?? (await programs.gapOf('tesseract'))
    if (missing !== undefined) return { facts, passages: [], frames: [], gaps: [`pages that are pictures: ${missing}`] }
    const opened = await programs.open(file, signal)
    try {
      const gaps: string[] = []
      const passages: MediaPassage[] = []
      for (const page of empty.slice(0, MAX_SCANNED)) passages.push(...(await linesOfPage(opened, page, gaps)))
      if (empty.length > MAX_SCANNED) gaps.push(`only the first ${MAX_SCANNED} pages that are pictures were read`)
      return { facts, passages, frames: [], gaps }
    } finally {
      await opened.close()
    }
  },
})

async function linesOfPage(opened: OpenedMedia, page: number, gaps: string[]): Promise<readonly MediaPassage[]> {
  const number = String(page)
  try {
    const args = [
      '-png',
      '-singlefile',
      '-r',
      String(RESOLUTION),
      '-f',
      number,
      '-l',
      number,
      opened.path,
      `page-${page}`,
    ]
    await opened.run('pdftoppm', args)
    const lines = await linesOfPicture(opened, `${opened.folder}/page-${page}.png`)
    return lines.map((line) => ({ ...line, at: `page=${page}` }))
  } catch (error) {
    gaps.push(gapFor(`page ${page} was not read from its picture`, error))
    return []
  }
}

/** A PDF with the lines that were read from the pictures of its pages. Pure. */
export function withScannedPages(
  document: FileDocument,
  { passages, gaps }: Pick<MediaReading, 'passages' | 'gaps'>,
): FileContent {
  const scanned = Map.groupBy(passages, ({ at }) => Number(at.slice('page='.length)))
  const pages = pagesOf(document).map(
    (text, place) =>
      scanned
        .get(place + 1)
        ?.map((line) => line.text)
        .join('\n') ?? text,
  )
  const { text, units } = textOfPages(pages)
  const isKnown = (gap: string) => !/ha(?:s|ve) no text/.test(gap)
  const read = [...scanned.keys()].join(', ')
  return {
    ...document,
    text,
    units: packUnits(text, units),
    gaps: [
      ...document.gaps.filter(isKnown),
      ...gapsOfPages(pages, document.metadata.pages ?? pages.length).filter((gap) => !isKnown(gap)),
      ...(read === ''
        ? []
        : [
            `the text of ${scanned.size === 1 ? 'page' : 'pages'} ${read} was read from a picture, so it may have faults`,
          ]),
      ...gaps,
    ],
  }
}
