import { linesOf } from '../../model/text/blocks.ts'
import { joinLineEnds, wordsWithHyphens } from '../../model/text/hyphens.ts'
import type { FileContent, ParsedFile, Unit } from '../document.ts'
import { splitUnits } from '../split.ts'

/** Between two pages. */
const BREAK = '\n\f'

/** The text of pages, and its units. `known`: the words of the document that have hyphens. */
export function textOfPages(
  pages: readonly string[],
  known: () => ReadonlySet<string> = wordsWithHyphens(pages.join('\n')),
): Pick<ParsedFile, 'text' | 'units'> {
  return { text: pages.join(BREAK), units: joinPages(unitsOfPages(pages), known) }
}

export const pagesOf = ({ text }: Pick<FileContent, 'text'>): readonly string[] => text.split(BREAK)

/** The numbers of pages without text; the first one is 1. */
export const emptyPages = (pages: readonly string[]): readonly number[] =>
  pages.flatMap((text, index) => (text.trim() === '' ? [index + 1] : []))

/** Each page is split alone. */
function unitsOfPages(pages: readonly string[]): readonly Unit[] {
  let [offset, lines, blocks] = [0, 0, 0]
  return pages.flatMap((text, index) => {
    const units = splitUnits('page.txt', text).map((unit) => ({
      ...unit,
      start: unit.start + offset,
      end: unit.end + offset,
      line: unit.line + lines,
      endLine: unit.endLine + lines,
      block: unit.block + blocks,
      page: index + 1,
    }))
    offset += text.length + BREAK.length
    lines += linesOf(text).length
    blocks = (units.at(-1)?.block ?? blocks) + 1
    return units
  })
}

/** A sentence that goes on behind the end of its page is one unit. */
function joinPages(units: readonly Unit[], known: () => ReadonlySet<string>): readonly Unit[] {
  const joined: Unit[] = []
  for (const unit of units) {
    const last = joined.at(-1)
    if (!last || !goesOn(last, unit)) joined.push(unit)
    else {
      const { end, endLine, page } = unit
      const text = joinLineEnds(`${last.text}\n${unit.text}`, known).replace('\n', ' ')
      joined[joined.length - 1] = { ...last, text, end, endLine, endPage: page! }
    }
  }
  return joined
}

function goesOn(last: Unit, next: Unit): boolean {
  const isNextPage = next.page === (last.page ?? 0) + 1 && last.endPage === undefined
  const isProse = last.kind !== 'row' && last.kind !== 'code' && next.kind === 'paragraph'
  return isNextPage && isProse && /[\p{L}\p{N},;–-]["'”’)]?$/u.test(last.text) && /^\p{Ll}/u.test(next.text)
}

/** Sentences about pages without text, and about pages that were not read. */
export function gapsOfPages(pages: readonly string[], count: number): readonly string[] {
  const empty = emptyPages(pages)
  const named = empty.slice(0, 5).join(', ')
  const scans =
    empty.length === 1
      ? `page ${named} of ${count} has no text, perhaps because it is a picture`
      : `pages ${named}${empty.length > 5 ? ', …' : ''} of ${count} have no text, perhaps because they are pictures`
  return [
    ...(empty.length > 0 ? [scans] : []),
    ...(count > pages.length ? [`only the first ${pages.length} of ${count} pages are read`] : []),
  ]
}
