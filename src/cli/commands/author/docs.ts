import { command } from '../../cli.ts'
import type { Terminal } from '../../terminal/terminal.ts'
import { type DocsPage, findNamed, openSearch, readPages, titleOf, wholePart } from './docs-pages.ts'

/** Parts that a search names: the first one is printed. */
const MAX_PARTS = 3

export const docsCommand = command({
  name: 'docs',
  about: 'Search the documentation of this version. Prints the part that answers best, or the page with this name.',
  args: [['[words...]', 'words to search for, or a page or a part of it: testing, testing#record-a-model']],
  options: [
    ['--list', 'list the pages'],
    ['--json', 'print the pages or the parts as JSON'],
  ],
  examples: ['docs approve a refund', 'docs testing', 'docs testing#record-a-model', 'docs --list'],
  async run({ terminal }, words, { list = false, json = false }) {
    const pages = await readPages()
    if (list || words.length === 0) return printPages(terminal, pages, json)
    const named = words.length === 1 ? findNamed(pages, words[0]!) : undefined
    if (named !== undefined) {
      if (json) terminal.json({ id: words[0], text: named })
      else terminal.out(named)
      return 0
    }
    const found = (await openSearch(pages)(words.join(' '))).slice(0, MAX_PARTS)
    const [best, ...others] = found.map((part) => ({ id: part.id, text: wholePart(pages, part) }))
    if (json) terminal.json(best ? [best, ...others] : [])
    else if (best) {
      terminal.out(best.text)
      const more = others.length === 0 ? '' : ` See also: ${others.map(({ id }) => `antiphon docs ${id}`).join(' · ')}`
      terminal.say(`\nFrom ${best.id}.${more}`)
    } else terminal.say('No page has these words. To list the pages: antiphon docs --list')
    return best ? 0 : 1
  },
})

function printPages(terminal: Terminal, pages: readonly DocsPage[], json: boolean): number {
  const titles = pages.map((page) => ({ page: page.page, ...titleOf(page) }))
  if (json) terminal.json(titles)
  else
    terminal.table(
      ['PAGE', 'ABOUT'],
      titles.map(({ page, about }) => [page, about]),
    )
  return 0
}
