import type { EffectCall } from '../../kernel/types.ts'
import { generateInPool } from '../../model/pool/generate-in-pool.ts'
import type { Playbook } from './playbook.ts'
import type { PlaybookServices } from './services.ts'
import { sureChoice } from './sure-choice.ts'

/** The choice beside the playbooks. */
const NONE = 'none'
const NONE_MEANS = 'something else'

/** The model that chooses: it costs nothing and reads nothing but the words of the goal. */
const CHOOSER = 'offline/extractive'

/** The name of the playbook whose description fits a goal; null when the choice is not sure. */
export async function choosePlaybook(
  services: PlaybookServices,
  playbooks: readonly Playbook[],
  goal: string,
  { signal, idempotencyKey: key }: EffectCall,
): Promise<string | null> {
  const choices = Object.fromEntries(playbooks.map(({ name, description }) => [name, description]))
  const request = {
    task: { kind: 'choose' as const, choices: { ...choices, [NONE]: NONE_MEANS } },
    documents: [{ name: 'goal', text: goal }],
    instruction: 'Which of these does the goal ask for?',
    model: CHOOSER,
  }
  const pool = services.pools.find({ phase: 'step', modality: 'text' }).pool
  return sureChoice(playbooks, await generateInPool(pool, services.models, request, { signal, key }))
}
