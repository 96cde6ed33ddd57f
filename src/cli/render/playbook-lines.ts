import type { PlaybookItem } from '../../runtime/ports/inbox.ts'

/**
 * The calls of a learned playbook with the origin of each value, and
 * its answer, as lines. Nothing is cut: a person decides by them.
 */
export function playbookLines({ calls, answer }: Pick<PlaybookItem, 'calls' | 'answer'>): readonly string[] {
  if (!calls) return ['An earlier version learned it, and did not check where its values come from. Read its pipeline.']
  const lines = calls.flatMap(({ step, tool, values }) => [
    `${step}: ${tool}`,
    ...values.map(({ name, from }) => `  ${name}: ${from.join(' + ')}`),
  ])
  return [...lines, `answer: ${JSON.stringify(answer)}`]
}
