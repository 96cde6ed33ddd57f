import { nearestWord } from '../../lib/suggest.ts'
import type { AgentDefinition, AgentToAsk } from './definition.ts'
import { hintFor, type ReportAgentFinding } from './finding.ts'
import type { ToolNaming } from './tool-list.ts'

/** An agent of the project. */
export type KnownAgent = AgentToAsk & {
  /** the text that its file has as `name`, or the name of the file, where that cannot be a name */
  readonly title?: string
  /** its file says that no model may choose it: `*` does not stand for it */
  readonly isManual?: true
}

/**
 * The agents that a list names, by name or title; `*` stands for all others. A name that no agent has is an error, and
 * in the file of another product a warning. The agent itself is an error.
 */
export function agentsToAsk(
  wanted: readonly string[] | undefined,
  { name: own, product }: Pick<AgentDefinition, 'name'> & Pick<ToolNaming, 'product'>,
  known: readonly KnownAgent[],
  report: ReportAgentFinding,
): readonly AgentToAsk[] | undefined {
  if (!wanted) return undefined
  const names = known.map(({ name }) => name)
  const found = new Set<string>()
  for (const [place, text] of wanted.entries()) {
    if (text === '*') continue
    const path = ['agents', place]
    const named = namedBy(text, known)
    if (named.length > 1)
      report('error', path, `several agents have the title \`${text}\``, { hint: `Write a name: ${named.join(', ')}.` })
    else if (named[0] === own || text === own) report('error', path, 'an agent cannot ask itself')
    else if (named.length === 0) {
      const hint = hintFor(nearestWord(text, names), `Expected one of: ${names.join(', ')}.`)
      if (product === undefined) report('error', path, `there is no agent \`${text}\``, { hint })
      else report('warning', path, `there is no agent \`${text}\`, so it cannot be asked`, { hint })
    } else for (const name of named) found.add(name)
  }
  const others = known.filter(({ name }) => name !== own)
  const all = wanted.includes('*') ? others.filter(({ isManual }) => !isManual) : []
  return others.filter((one) => found.has(one.name) || all.includes(one)).map(asked)
}

/** The names that a text stands for, in capitals or not. A name comes before a title. */
function namedBy(text: string, known: readonly KnownAgent[]): readonly string[] {
  const wanted = text.toLowerCase()
  if (known.some(({ name }) => name === wanted)) return [wanted]
  return known.filter(({ title }) => title?.toLowerCase() === wanted).map(({ name }) => name)
}

/** An agent without the fields that only its choice needs. */
const asked = ({ name, description }: KnownAgent): AgentToAsk => ({
  name,
  ...(description && { description }),
})
