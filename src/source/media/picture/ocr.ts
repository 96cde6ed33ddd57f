import type { OpenedMedia } from '../programs.ts'
import type { MediaPassage } from '../reading.ts'

/** Lines below this confidence are noise more often than text. */
const MIN_CONFIDENCE = 0.4
/** Lines of one picture. */
const MAX_LINES = 2000

/** A line of text in a picture: its box in pixels, and how sure the program is (0..1). */
type OcrLine = { readonly text: string; readonly box: string; readonly confidence: number }

/** The lines of text in a picture. `prefix` stands before each place, such as `t=4&`. */
export async function linesOfPicture(opened: OpenedMedia, path: string, prefix = ''): Promise<readonly MediaPassage[]> {
  const table = await opened.run('tesseract', [path, 'stdout', 'tsv'])
  return linesOfTable(table).map(({ text, box, confidence }) => ({
    text,
    at: `${prefix}xywh=${box}`,
    from: 'ocr',
    confidence,
  }))
}

type Word = {
  readonly line: string
  readonly box: readonly number[]
  readonly confidence: number
  readonly text: string
}

/** The lines in the table that tesseract writes: a row for each word, with its line and its box. Pure. */
function linesOfTable(table: string): readonly OcrLine[] {
  const words = table.split('\n').flatMap((row) => wordOf(row.split('\t')))
  const lines = [...Map.groupBy(words, ({ line }) => line).values()].map(joined)
  return lines
    .filter(({ confidence, text }) => confidence >= MIN_CONFIDENCE && /[\p{L}\p{N}]/u.test(text))
    .slice(0, MAX_LINES)
}

function wordOf(cells: readonly string[]): readonly Word[] {
  const [level, page, block, paragraph, line, , left, top, width, height, confidence, text = ''] = cells
  if (level !== '5' || text.trim() === '') return []
  const box = [left, top, width, height].map(Number)
  return [
    { line: [page, block, paragraph, line].join(' '), box, confidence: Number(confidence) / 100, text: text.trim() },
  ]
}

function joined(words: readonly Word[]): OcrLine {
  const edge = (of: (box: readonly number[]) => number) => words.map(({ box }) => of(box))
  const left = Math.min(...edge(([x]) => x!))
  const top = Math.min(...edge(([, y]) => y!))
  const right = Math.max(...edge(([x, , width]) => x! + width!))
  const bottom = Math.max(...edge(([, y, , height]) => y! + height!))
  const confidence = words.reduce((sum, word) => sum + word.confidence, 0) / words.length
  return {
    text: words.map(({ text }) => text).join(' '),
    box: [left, top, right - left, bottom - top].join(','),
    confidence: Math.round(confidence * 100) / 100,
  }
}
