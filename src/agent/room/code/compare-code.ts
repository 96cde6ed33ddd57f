import type { AgentDefinition } from '../../definition/definition.ts'
import type { AgentServices } from '../../goal/services.ts'
import { mayTakeCode } from '../../goal/think/await-code.ts'
import { reporter } from './adopt-code.ts'
import type { CodeReport, GoalNeeds } from './documents.ts'

/** Says what a start with the code of this process would do with goals in flight. Changes nothing. */
export async function compareCode({ needs }: GoalNeeds, lookAtCode: AgentServices['lookAtCode']): Promise<CodeReport> {
  const report = reporter()
  for (const { agent, goals, definition, ofStep = false, noAnswer = false } of needs) {
    // the keys that name code are all that a look reads
    const { lack, change } = await lookAtCode(definition as AgentDefinition, ofStep)
    for (const goal of goals) {
      if (lack === '') continue
      if (!change) report.add(goal, agent, { outcome: 'lacks', lines: [lack] })
      else report.add(goal, agent, { outcome: outcomeOf(change, noAnswer), lines: change.lines })
    }
  }
  return report.done()
}

function outcomeOf(change: Parameters<typeof mayTakeCode>[0], noAnswer: boolean) {
  if (change.onChange === 'finish-old') return 'keeps'
  return mayTakeCode(change, noAnswer) ? 'goes-on' : 'asks'
}
