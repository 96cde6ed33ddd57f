/** Writes `llms.txt`: the pages of docs/README.md, for coding agents. Run it with `node test/docs/llms.ts`. */
import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

const ROOT = join(import.meta.dirname, '../..')
const textOf = (name: string) => readFileSync(join(ROOT, name), 'utf8')

/** The file that is written from the index of the pages. */
export const PAGE = join(ROOT, 'llms.txt')

/** The whole file as the index has it now. */
export function page(): string {
  const { description } = JSON.parse(textOf('package.json')) as { readonly description: string }
  const [, ...sections] = textOf('docs/README.md').split(/^## /m)
  return [
    `# antiphon\n\n> ${description}\n`,
    '`npx antiphon docs WORDS` searches these pages in the installed version and prints the part that answers.',
    '`npx antiphon check` checks a project without running it. Paths here are relative to the package.\n',
    '## Begin here\n',
    '- [Skill](skills/antiphon/SKILL.md): what to use for what, five complete programs, mistakes that people make\n',
    ...sections.map((section) => `## ${section.split('\n')[0]}\n\n${linesOf(section).join('\n')}\n`),
  ].join('\n')
}

/** The links in a table, with the other cell of their rows. Decisions are not in the package. */
function linesOf(section: string): readonly string[] {
  const rows = section.split('\n').filter((line) => line.startsWith('|') && line.includes(']('))
  return rows.flatMap((row) => {
    const cells = row.split('|').map((cell) => cell.trim())
    const about = cells.find((cell) => cell !== '' && !cell.includes('](')) ?? plain(cells[1] ?? '')
    const links = [...row.matchAll(/\[([^\]]*)\]\((?!adr\/)([^)]*)\)/g)]
    return links.map(([, name, path]) => `- [${name}](docs/${path}): ${about}`)
  })
}

const plain = (cell: string) => cell.replaceAll(/\[([^\]]*)\]\([^)]*\)/g, '$1')

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, page())
