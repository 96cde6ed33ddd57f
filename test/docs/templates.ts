import { readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { TEMPLATE_FUNCTIONS } from '../../src/pipeline/language/link/names/template-functions.ts'
import { CHECKS } from '../../src/template/operations/checks.ts'
import { FILTERS } from '../../src/template/operations/filters.ts'
import { BUILTIN_FUNCTIONS } from '../../src/template/operations/functions.ts'
import { METHODS } from '../../src/template/operations/methods.ts'
import type { TemplateOperations } from '../../src/template/operations/operation.ts'

/** The page that holds the tables. */
export const PAGE = join(import.meta.dirname, '../../docs/templates.md')
const BEGIN = '<!-- The tables below are written by `node test/docs/templates.ts`. -->\n'

/** What the page says. */
export const readPage = () => readFileSync(PAGE, 'utf8')

/** The page with its tables as the code has them now. */
export function renewed(page: string): string {
  const at = page.indexOf(BEGIN)
  if (at < 0) throw new Error(`docs/templates.md has no line ${BEGIN}`)
  return page.slice(0, at) + BEGIN + tables()
}

function tables(): string {
  const globals = Object.entries(TEMPLATE_FUNCTIONS).map(([name, { parameters, does, instead }]) =>
    row([name], parameters.join(', '), instead === undefined ? does : `${does} Old: write \`${instead}\`.`),
  )
  return [
    section('Filters', rowsOf(FILTERS)),
    section('Checks', rowsOf(CHECKS)),
    section('Functions', [...rowsOf(BUILTIN_FUNCTIONS), ...globals]),
    section('Methods of text', rowsOf(METHODS.text)),
    section('Methods of lists', rowsOf(METHODS.list)),
    section('Methods of maps', rowsOf(METHODS.map)),
    section('Methods of `loop`', rowsOf(METHODS.loop)),
  ].join('')
}

function section(title: string, rows: readonly string[]): string {
  return `\n## ${title}\n\n| name | takes | |\n|---|---|---|\n${rows.toSorted().join('\n')}\n`
}

/** Names that mean the same share a row. */
function rowsOf(table: TemplateOperations): readonly string[] {
  const names = new Map<TemplateOperations[string], string[]>()
  for (const [name, operation] of Object.entries(table)) names.set(operation, [...(names.get(operation) ?? []), name])
  return [...names].map(([{ parameters, does }, all]) => row(all, parameters.shown, does))
}

function row(names: readonly string[], takes: string, does: string): string {
  const shown = names.map((name) => `\`${name}\``).join(', ')
  return `| ${shown} | ${takes === '' ? '' : `\`${takes}\``} | ${escaped(does)} |`
}

const escaped = (text: string) => text.replace(/[|<>*_]/g, '\\$&')

if (import.meta.main) writeFileSync(PAGE, renewed(readPage()))
