import type { JsonObject } from '../../kernel/json.ts'
import { hashOfCode, lackOfCode } from '../../tool/plugin/code-tool.ts'
import { anyInputSchemaOf } from '../../tool/schema.ts'
import { type Toolbox, toolsNamed } from '../../tool/toolbox.ts'
import type { AgentDefinition } from '../definition/definition.ts'
import type { CodeOutput } from '../definition/output-schema.ts'

/** The definition with the hashes of its tools that are code of a program, and with the schemas behind them. */
export function bindTools(definition: AgentDefinition, toolbox: Toolbox): AgentDefinition {
  const { bound: _, boundInputs: __, ...rest } = definition
  const tools = definition.tools.flatMap((name) => toolsNamed(name, toolbox))
  const coded = tools.flatMap((tool) => {
    const code = hashOfCode(tool)
    return code === undefined ? [] : [{ tool, code }]
  })
  if (coded.length === 0) return rest
  const inputs = coded.flatMap(({ tool }) => {
    const schema = anyInputSchemaOf(tool)
    return schema ? [[tool.name, schema as JsonObject] as const] : []
  })
  return {
    ...rest,
    bound: Object.fromEntries(coded.map(({ tool, code }) => [tool.name, code])),
    ...(inputs.length > 0 && { boundInputs: Object.fromEntries(inputs) }),
  }
}

/** The code of programs that a process has. */
export type Code = { readonly toolbox: Toolbox; outputOf(agent: string): CodeOutput | undefined }

/** Why this process cannot continue a goal: tools or an output that it lacks or has in another form. Empty: it can. */
export function missingCode({ name, bound = {}, boundOutput }: AgentDefinition, { toolbox, outputOf }: Code): string {
  for (const [tool, hash] of Object.entries(bound)) {
    const [found] = toolsNamed(tool, toolbox)
    const lack = lackOfCode({ tool, hash }, found?.name === tool ? found : undefined)
    if (lack !== undefined) return lack
  }
  if (boundOutput === undefined) return ''
  const output = outputOf(name)
  if (!output) return `The output of the agent ${name} is code of a program, and this process does not have it.`
  return output.hash === boundOutput
    ? ''
    : `The output of the agent ${name} is another one here than when the work began.`
}
