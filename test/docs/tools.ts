import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadToolbox } from '../../src/runtime/services/toolbox.ts'
import { describeTool, type FieldDescription, type ToolDescription } from '../../src/tool/describe.ts'

/** The page that is written from the schemas of the tools. */
export const PAGE = join(import.meta.dirname, '../../docs/tools.md')

const HEAD = `# Tools

<!-- This page is written by \`node test/docs/tools.ts\` from the schemas of the tools. -->

What steps can call: \`tool: filesystem\` with \`action: read\` is the operation \`filesystem:read\`. Where a tool has several operations and no
\`action:\` stands there, \`parameters.action\` may say it. An action that is the name of a tool means it too: \`action: web_search\`, and
\`file\`, \`process\`, \`validate\`, \`debug\`, \`echo …\`. A text given for a number, a list or a map is read as one; \`null\` for
what need not be given is as if it were not there; a parameter that a tool does not know, or a key in one, is left out with a warning. The fields of results are read as \`{{ step.field }}\` or \`{{ step.result.field }}\`; \`validate\` finds reads of
fields that are not there. \`antiphon tools describe NAME\` shows the same, with your own tools; \`antiphon tools call NAME\` calls one;
\`antiphon tools new NAME\` writes one of your own.

Effect classes: *pure* may be repeated and may start early; *idempotent* may be repeated; *at-most-once* is never repeated. Paths lie below the
\`roots:\` of \`antiphon.yaml\`. A table is a list of maps, CSV or JSON text, or the path of a \`.json\`, \`.csv\` or \`.txt\` file; at most 100 000 rows,
1000 columns and 16 MiB of text, and where a pivot or a join makes many cells of few, 5 000 000 of them. CSV is as RFC 4180 has it, its cells are texts, and where one is calculated with or compared it counts as the number
it reads as; it is written with CRLF. \`processed_data\` is a list to loops and filters and prints as the text that was asked for. Expressions are
interpreted like templates, never run as code. A JSON Schema may have 10 000 parts, 64 levels and patterns of
1 000 characters. A check that may take long runs in a thread of its own and fails with \`too_large\` after a second.
`

/** The whole page as the code has it now. */
export async function page(): Promise<string> {
  const described = (await loadToolbox({ plugins: [], folder: '.' })).list().map(describeTool)
  const sorted = described.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  const [later, now] = [sorted.filter(({ missing }) => missing), sorted.filter(({ missing }) => !missing)]
  const rows = later.map(
    ({ name, description, missing, parameters = [] }) =>
      `| \`${name}\` | ${description} | ${parameters.map(nameOf).join(', ')} | ${missing} |`,
  )
  return [
    HEAD,
    ...now.map(section),
    '\n## Tools that come later\n\nThey compile, and their steps fail with `tool_unavailable`. A plugin with a tool of that name takes their place.\n',
    `\n| tool | | parameters | needs |\n|---|---|---|---|\n${rows.join('\n')}\n`,
  ].join('')
}

const nameOf = ({ name, required }: FieldDescription) => (required ? `**${name}**` : name)

function section({ name, description, effect, parameters, results }: ToolDescription): string {
  return `\n## ${name}\n\n${description}. *${effect}*\n${parametersOf(parameters)}${resultsOf(results)}`
}

function parametersOf(parameters: readonly FieldDescription[] = []): string {
  if (parameters.length === 0) return ''
  const rows = parameters.map((field) => {
    const given = field.default === undefined ? '' : `\`${JSON.stringify(field.default)}\``
    return `| ${nameOf(field)} | ${inCell(field.type)} | ${given} | ${inCell(field.description ?? '')} |`
  })
  return `\n| parameter | type | else | |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

function resultsOf(results: readonly FieldDescription[] = []): string {
  if (results.length === 0) return ''
  return `\nResult: ${results.map(({ name, type }) => `\`${name}\` (${type})`).join(', ')}.\n`
}

const inCell = (text: string) => text.replaceAll('|', '\\|')

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, await page())
