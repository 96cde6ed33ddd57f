import type { Json } from '../../../kernel/json.ts'
import type { ReadParts } from '../../../kernel/parts.ts'
import { LOCAL_OWNER } from '../../../lib/owner.ts'
import type { CodeOfGoal } from '../../../step/call/context.ts'
import type { ValueStore } from '../../../step/values.ts'
import { isCodeTool } from '../../../tool/plugin/code-tool.ts'
import type { ApprovalPolicy } from '../../../tool/tool-request.ts'
import { bindTools, missingCode } from '../../context/bound-tools.ts'
import { type CodeChange, changedCode } from '../../context/changed-code.ts'
import type { AgentDefinition } from '../../definition/definition.ts'
import type { AgentServices, CodeLook } from '../../goal/services.ts'
import { GO_ON } from '../../goal/think/await-code.ts'
import { findStartOf } from '../../protocol/messages.ts'
import type { ProjectAgents } from '../agents/code-agents.ts'

/** Compares the code that a definition names with that of this process. `ofStep`: a step brought the definition. */
type FindChange = (definition: AgentDefinition, ofStep: boolean) => Promise<CodeChange | undefined>

/** Compares with the present definitions of the agents that the program of this process defines. */
function changeFinder(agents: ProjectAgents): FindChange {
  const { toolbox, outputOf, inCode } = agents
  const hasCode = inCode.length > 0 || toolbox.list().some(isCodeTool)
  return async (definition, ofStep) => {
    const { name } = definition
    const isOfProgram = !ofStep && inCode.includes(name)
    const present = isOfProgram ? bindTools(await agents.read(name, undefined, NO_OTHERS, NOBODY), toolbox) : undefined
    return changedCode(definition, { toolbox, outputOf, hasCode, present })
  }
}

const NO_OTHERS = async () => []
const NOBODY = { owner: LOCAL_OWNER, context: undefined }

/** The code of a goal, as the steps of its calls see it. */
export function goalCodeReader(
  parts: { readonly values: ValueStore; readonly readParts: ReadParts; readonly approve: ApprovalPolicy },
  lookAtCode: AgentServices['lookAtCode'],
): (goal: string) => Promise<CodeOfGoal | undefined> {
  const { values, readParts, approve } = parts
  return async (goal) => {
    const start = await findStartOf(goal, readParts)
    if (!start) return undefined
    const definition = (await values.get(start.definition)) as AgentDefinition
    const { change } = await lookAtCode(definition, start.ofStep === true)
    const { bound = {} } = definition
    const remedy = change?.onChange === 'finish-old' ? '' : GO_ON
    return { bound, approve: definition.approve ?? approve, remedy, ...(change && { changes: change.lines }) }
  }
}

/** How goals look whether their process has their code. The definition with changed code is stored at once. */
export function codeLooker(
  agents: ProjectAgents,
  values: { put(value: Json): Promise<string> },
): AgentServices['lookAtCode'] {
  const findChange = changeFinder(agents)
  return async (definition, ofStep): Promise<CodeLook> => {
    const lack = missingCode(definition, agents)
    const found = lack === '' ? undefined : await findChange(definition, ofStep)
    if (!found) return { lack }
    const { lines, next, onChange, isSure } = found
    const { denied } = next
    const stored = await values.put(next as Json)
    return { lack, change: { lines, definition: stored, ...(denied && { denied }), onChange, isSure } }
  }
}
