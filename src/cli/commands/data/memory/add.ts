import { InvalidArgumentError } from 'commander'
import { InvalidError } from '../../../../errors.ts'
import { present } from '../../../../lib/json/present.ts'
import { MEMORY_LIMITS } from '../../../../memory/limits.ts'
import { type Cli, type ConnectionTarget, command, type OptionRecord, type OptionsOf, targetOf } from '../../../cli.ts'
import { withRuntime } from '../../../connect/session.ts'
import { addSources } from './add-sources.ts'
import { JSON_OPTION, OWNER_OPTION, ownerIn, parseMoment, parseSpace } from './options.ts'

const NOTES = `
Files are text, HTML, PDF, DOCX and notebooks. Other forms, such as RTF and Excel,
are refused by name. A folder leaves out hidden files, keys, links and what
.gitignore names. Adding it again reads only what has changed. If a file
cannot be read, the others are added, and the exit code is 1.`

const OPTIONS = [
  ['--text <text>', 'the text to remember'],
  ['--id <id>', 'id of the record (default: follows from its content)'],
  ['--space <path>', 'the space, a path such as work/alpha', { parse: parseSpace }],
  ['--kind <name>', 'the kind (default: note, or fact with a subject)'],
  ['--subject <text>', 'what the fact is about; a newer fact ends an older one'],
  ['--valid-from <time>', 'since when the fact is true (default: now)', { parse: parseMoment }],
  ['--valid-to <time>', 'until when the fact is true', { parse: parseMoment }],
  ['--expires <time>', 'erase it after this time', { parse: parseMoment }],
  ['--importance <number>', '0 to 1; raises it in results', { parse: parseShare }],
  ['--pin', 'pin it'],
  OWNER_OPTION,
  JSON_OPTION,
] as const satisfies readonly OptionRecord[]
type AddOptions = ConnectionTarget & OptionsOf<typeof OPTIONS>

function parseShare(given: string): number {
  const share = Number(given)
  if (given.trim() !== '' && share >= 0 && share <= 1) return share
  throw new InvalidArgumentError('Expected a number from 0 to 1.')
}

export const addCommand = command({
  name: 'add',
  about: 'Remember files, folders, pages, a text or a fact. The same again changes nothing.',
  args: [['[sources...]', 'paths and URLs; - reads one text from standard input']],
  options: OPTIONS,
  at: 'server',
  notes: NOTES,
  examples: [
    'memory add docs notes.pdf --space work',
    'memory add https://example.org/guide',
    'memory add --text "The kiln reaches 900 degrees" --space work/pottery',
    'memory add --text Oslo --subject "home of Eve" --valid-from 2026-03-01',
  ],
  async run(cli, sources, options) {
    const { json = false, text: given } = options
    if (given === undefined && sources.some((source) => source !== '-')) return addSources(cli, sources, options)
    const text = await textIn(cli, sources, given)
    const request = { ...ownerIn(options), records: [recordIn(text, options)] }
    const where = { command: 'antiphon memory add', ...targetOf(options), serve: false, creates: true }
    return withRuntime(cli, where, async ({ client }) => {
      const added = await client.memory.add(request)
      if (json) cli.terminal.json(added)
      else {
        const [{ id, status }] = added.records as [(typeof added.records)[number]]
        cli.terminal.out(id)
        cli.terminal.say(status === 'same' ? 'It was there already; nothing changed.' : `Change ${added.change}.`)
      }
      return 0
    })
  },
})

async function textIn({ terminal }: Cli, sources: readonly string[], text: string | undefined): Promise<string> {
  if (sources.length === 0 && text !== undefined) return text
  const isInput = sources.length === 1 && text === undefined
  const given = isInput ? await terminal.handed?.(MEMORY_LIMITS.text + '\r\n'.length) : undefined
  if (given?.trim()) return given.replace(/\r?\n$/, '')
  throw new InvalidError(sources.length === 0 || isInput ? 'Expected a text, got nothing.' : 'Expected one text.', {
    hint: 'antiphon memory add PATH, antiphon memory add --text TEXT, or antiphon memory add - < FILE',
  })
}

function recordIn(text: string, options: AddOptions) {
  const { id, space, kind, subject, validFrom, validTo, expires, importance, pin } = options
  return {
    text,
    ...present({ id, space, kind, subject, validFrom, validTo, expires, importance }),
    ...(pin && { pinned: true }),
  }
}
