import { nearestWord } from '../../lib/suggest.ts'
import type { AgentToAsk } from './definition.ts'
import { hintFor, type ReportAgentFinding } from './finding.ts'

/** The agents that a list names; `*` stands for all others. A name that no agent has is an error, and so is the agent's own. */
export function agentsToAsk(
  wanted: readonly string[] | undefined,
  own: string,
  known: readonly AgentToAsk[],
  report: ReportAgentFinding,
): readonly AgentToAsk[] | undefined {
  const names = known.map(({ name }) => name)
  for (const [place, name] of wanted?.entries() ?? []) {
    if (name === own) report('error', ['agents', place], 'an agent cannot ask itself')
    else if (name !== '*' && !names.includes(name))
      report('error', ['agents', place], `there is no agent \`${name}\``, {
        hint: hintFor(nearestWord(name, names), `Expected one of: ${names.join(', ')}.`),
      })
  }
  if (!wanted) return undefined
  return known.filter(({ name }) => name !== own && (wanted.includes('*') || wanted.includes(name)))
}
