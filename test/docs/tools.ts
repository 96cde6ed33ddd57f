import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { loadToolbox } from '../../src/runtime/services/toolbox.ts'
import { describeTool, type FieldDescription, type ToolDescription } from '../../src/tool/describe.ts'
import { anchorOf } from './anchor.ts'

/** The page that is written from the schemas of the tools. */
export const PAGE = join(import.meta.dirname, '../../docs/tools.md')

const HEAD = `# Tools

<!-- This page is written by \`node test/docs/tools.ts\` from the schemas of the tools. -->

The operations that a step can call. \`tool: filesystem\` with \`action: read\` calls \`filesystem:read\`. \`antiphon tools list\` prints what can be used here, your own tools too,
\`tools describe NAME\` shows one, \`tools call NAME\` calls one, and \`tools new NAME\` begins one of your own.

**How a step names a tool**
- Without \`action:\`, \`parameters.action\` may name the operation of a tool that has several.
- An \`action:\` that is the name of a tool means that tool: \`action: web_search\`, and \`file\`, \`process\`, \`validate\`, \`debug\`, \`echo …\`.

**Parameters and results**
- A text that is given for a number, a list or a map is read as one. \`null\` for an optional parameter counts as absent.
- An unknown parameter, or an unknown key in one, is left out with a warning.
- \`{{ step.field }}\` and \`{{ step.result.field }}\` read a result. \`validate\` finds reads of fields that a tool does not return.

**Effect classes**: *pure* may be repeated and may start early; *idempotent* may be repeated; *at-most-once* is never repeated.

**Limits**
- Paths lie below the \`roots:\` of \`antiphon.yaml\`.
- A table is a list of maps, CSV or JSON text, or the path of a \`.json\`, \`.csv\` or \`.txt\` file. It has at most 100 000 rows, 1000 columns and 16 MiB of text. A pivot or a join makes at most 5 000 000 cells.
- CSV follows RFC 4180 and is written with CRLF, with commas unless \`delimiter\` says otherwise. The delimiter of a CSV that is read is found if a first line such as \`sep=;\` names it, or if all lines have the same number of \`;\`, tabs or \`|\`. Its cells are texts; a calculation or a comparison uses the number that a cell reads as.
- \`processed_data\` is a list for loops and filters, and prints as the text that was asked for.
- Expressions are interpreted like templates and never run as code.
- A JSON Schema may have 10 000 parts, 64 levels and patterns of 1 000 characters. A check that may take long runs in a thread of its own and fails with \`too_large\` after a second.
`

/** The whole page as the code has it now. */
export async function page(): Promise<string> {
  const described = (await loadToolbox({ plugins: [], folder: '.' })).list().map(describeTool)
  const sorted = described.toSorted((a, b) => (a.name < b.name ? -1 : 1))
  return [HEAD, contents(sorted), ...sorted.map(section)].join('')
}

/** A line for each tool, with links to its operations. */
function contents(tools: readonly ToolDescription[]): string {
  const names = tools.map(({ name }) => name)
  const lines = [...new Set(names.map((name) => name.split(':')[0]!))].map((tool) =>
    names
      .filter((name) => name.split(':')[0] === tool)
      .map((name) => `[${name}](#${anchorOf(name)})`)
      .join(', '),
  )
  return `\n${lines.map((line) => `- ${line}`).join('\n')}\n`
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
  return `\n| parameter | type | default | |\n|---|---|---|---|\n${rows.join('\n')}\n`
}

function resultsOf(results: readonly FieldDescription[] = []): string {
  if (results.length === 0) return ''
  return `\nResult: ${results.map(({ name, type }) => `\`${name}\` (${type})`).join(', ')}.\n`
}

const inCell = (text: string) => text.replaceAll('|', '\\|')

if (process.argv[1] === import.meta.filename) writeFileSync(PAGE, await page())
