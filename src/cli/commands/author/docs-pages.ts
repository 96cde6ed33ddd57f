import { readdir, readFile } from 'node:fs/promises'
import { NotFoundError } from '../../../errors.ts'
import { nearestWord } from '../../../lib/suggest.ts'
import { createRanker } from '../../../model/rank/ranker.ts'

/** A heading of a page with the text below it. `id`: the page and the anchor, such as `testing#record-a-model`. */
type DocsPart = {
  readonly id: string
  readonly page: string
  readonly level: number
  /** the headings that a search weighs */
  readonly heading: string
  readonly text: string
}

/** A page of the documentation, in parts. The first part is its beginning. */
export type DocsPage = { readonly page: string; readonly parts: readonly DocsPart[] }

const FOLDER = new URL('../../../../docs/', import.meta.url)

/** Decisions and measurements are not in the package, and the index lists the other pages. */
const LEFT_OUT = /^(?:adr|pictures)\b|^(?:README|benchmarks|evidence)\.md$/

/** Pages that a program writes: a search names them last. */
const GENERATED = ['http', 'errors', 'tools']

/** The pages of this version, by name. */
export async function readPages(): Promise<readonly DocsPage[]> {
  const files = (await readdir(FOLDER, { recursive: true })).map((file) => file.replaceAll('\\', '/'))
  const names = files.filter((file) => file.endsWith('.md') && !LEFT_OUT.test(file)).sort()
  return Promise.all(
    names.map(async (file) => {
      const page = file.slice(0, -'.md'.length)
      return { page, parts: partsOf(page, await readFile(new URL(file, FOLDER), 'utf8')) }
    }),
  )
}

/** How often the own heading of a part counts. */
const HEADING_WEIGHT = 4

function partsOf(page: string, text: string): readonly DocsPart[] {
  // a comment of a shell is no heading
  const plain = text.replace(/^```[\s\S]*?^```/gm, (fence) => ' '.repeat(fence.length))
  const heads = [...plain.matchAll(/^(#{1,6}) (.+)$/gm)]
  const above: string[] = []
  return heads.map(({ index, 1: marks = '', 2: title = '' }, place) => {
    const level = marks.length
    above.splice(level - 1, above.length, title)
    const heading = [...above, ...Array.from({ length: HEADING_WEIGHT }, () => title)].join('\n')
    return { id: `${page}#${anchorOf(title)}`, page, level, heading, text: text.slice(index, heads[place + 1]?.index) }
  })
}

/** The anchor of a heading, as GitHub makes it. */
const anchorOf = (title: string) =>
  title
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\s_-]/gu, '')
    .replaceAll(' ', '-')

/** The page that a word names, in whole, or a part of it; undefined: the word is one to search for. */
export function findNamed(pages: readonly DocsPage[], word: string): string | undefined {
  const [name = '', anchor] = word.replace(/^docs\//, '').split('#')
  const wanted = name.replace(/\.md$/, '')
  const found = pages.find(({ page }) => page === wanted || page === `how-to/${wanted}`)
  const parts = (found ? [found] : pages).flatMap((page) => page.parts)
  if (found && anchor === undefined) return textOf(parts)
  const named = parts.find(({ id }) => id.split('#')[1] === anchorOf(anchor ?? name))
  if (named) return wholePart(pages, named)
  if (anchor === undefined) return undefined
  const near = nearestWord(
    word,
    parts.map(({ id }) => id),
  )
  throw new NotFoundError(`There is no part ${word} in the documentation.`, {
    hint: near === undefined ? 'To list the pages: antiphon docs --list' : `Did you mean ${near}?`,
  })
}

/** A part with the smaller parts below it. The beginning of a page stands alone. */
export function wholePart(pages: readonly DocsPage[], { page, level, text }: DocsPart): string {
  const { parts = [] } = pages.find((one) => one.page === page) ?? {}
  const start = parts.findIndex((part) => part.text === text)
  const end = parts.findIndex((part, place) => place > start && (level === 1 || part.level <= level))
  return textOf(parts.slice(start, end < 0 ? undefined : end))
}

const textOf = (parts: readonly DocsPart[]) =>
  parts
    .map(({ text }) => text)
    .join('')
    .trimEnd()

/** Finds the part of each page that answers a question best, the best page first. */
export function openSearch(pages: readonly DocsPage[]): (question: string) => Promise<readonly DocsPart[]> {
  const parts = pages.flatMap((page) => page.parts)
  const ranker = createRanker(parts)
  const isGenerated = ({ page }: DocsPart) => GENERATED.includes(page)
  return async (question) => {
    const ranked = await ranker.rank(question, { limit: parts.length })
    const byPage = [...Map.groupBy(ranked, ({ page }) => page).values()].flatMap(([best]) => best ?? [])
    return [...byPage.filter((part) => !isGenerated(part)), ...byPage.filter(isGenerated)]
  }
}

/** The title of a page and its first sentence. */
export function titleOf({ page, parts: [first] }: DocsPage): { readonly title: string; readonly about: string } {
  const [title = page, ...paragraphs] = (first?.text ?? '').split(/\n{2,}/)
  const text = paragraphs.find((paragraph) => !/^(?:<!--|```|\d\.|[-|[])/.test(paragraph)) ?? ''
  const plain = text.replaceAll(/\[([^[\]]*)\]\([^()]*\)/g, '$1').replaceAll(/[*_]{1,2}(\S[^*_]*)[*_]{1,2}/g, '$1')
  const [sentence = ''] = plain.replaceAll(/\s+/g, ' ').split(/(?<=[.:?]) (?=[A-Z`])/)
  return { title: title.replace(/^# /, ''), about: sentence.trim() }
}
