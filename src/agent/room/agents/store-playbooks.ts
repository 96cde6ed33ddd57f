import { resolve } from 'node:path'
import { InvalidError, is } from '../../../errors.ts'
import type { Json } from '../../../kernel/json.ts'
import { checkInputs } from '../../../pipeline/language/parse/inputs/given-inputs.ts'
import type { Compiler } from '../../../pipeline/room/compile/compiler.ts'
import { runStartMessage } from '../../../pipeline/run/start-message.ts'
import type { ValueStore } from '../../../step/values.ts'
import type { Blobs } from '../../../store/blobs/blobs.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import { excessOf } from '../../playbook/excess.ts'
import type { Playbook } from '../../playbook/playbook.ts'
import type { StartOf } from '../../playbook/services.ts'

/** The file of a playbook, and what it is for. */
type PlaybookFile = Pick<Playbook, 'name' | 'description'> & { readonly file: string; readonly ofSkill?: true }

/**
 * Compiles the playbooks of an agent and of its skills, and stores them. The playbook of a skill that exceeds the
 * rights of the agent is left out.
 * @throws InvalidError `invalid_agent` when the agent's own playbook exceeds its rights
 */
export async function storePlaybooks(
  agent: AgentDefinition,
  { compiler, values, folder }: { readonly compiler: Compiler; readonly values: Blobs; readonly folder: string },
): Promise<readonly Playbook[]> {
  const playbooks: Playbook[] = []
  for (const { name, description, file, ofSkill } of filesOf(agent)) {
    const { pipeline } = await compiler.compile({ file: resolve(folder, file) }, {}).catch((error) => {
      throw shownAs(file, error)
    })
    const excess = excessOf(agent, pipeline)
    if (excess !== undefined && ofSkill) continue
    if (excess !== undefined) throw refused(`${file}: ${excess}.`, file)
    // a goal that fails later may undo what the playbook did
    const runnable = agent.onFailure === 'undo' ? { ...pipeline, undoable: true } : pipeline
    playbooks.push({ name, description, pipeline: await values.put(runnable) })
  }
  return playbooks
}

/** Makes the first messages of runs that follow playbooks. */
export const playbookStarter =
  (values: ValueStore): StartOf =>
  async (pipeline, inputs) => {
    try {
      const start = await runStartMessage(values, pipeline, checkInputs(pipeline, inputs))
      return { start: start as { readonly [field: string]: Json } }
    } catch (error) {
      if (is(error, 'InvalidError')) return { lacks: error.message }
      throw error
    }
  }

/** A remote caller must not learn where the project lies. */
function shownAs(file: string, error: unknown): unknown {
  if (!is(error, 'InvalidError')) return error
  const { message, code, hint, place } = error
  return new InvalidError(message, { code, hint, place: { ...place, file } })
}

function filesOf({ name, description, playbook, skills }: AgentDefinition): readonly PlaybookFile[] {
  const own = playbook === undefined ? [] : [{ name, description, file: playbook }]
  const ofSkills = skills.flatMap((skill) =>
    skill.playbook === undefined ? [] : [{ ...skill, file: skill.playbook, ofSkill: true as const }],
  )
  return [...own, ...ofSkills]
}

const refused = (message: string, file: string) => new InvalidError(message, { code: 'invalid_agent', place: { file } })
