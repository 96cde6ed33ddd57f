import { InvalidError } from '../../errors.ts'
import { type ApprovalPolicy, type ApprovalRule, toolOfRule } from '../../tool/tool-request.ts'
import { isKnownTool, type Toolbox, unknownTool } from '../../tool/toolbox.ts'
import { faultOfCondition } from './condition.ts'

type ApproveConfig = { readonly tools?: { readonly approve?: ApprovalPolicy }; readonly file?: string }

/**
 * InvalidError for a name under `tools: { approve }` that no tool has, since its calls would not wait for a person, and
 * for a condition that cannot be evaluated.
 */
export function checkApprove({ tools, file }: ApproveConfig, toolbox: Toolbox): void {
  if (!Array.isArray(tools?.approve)) return
  const names = tools.approve.map(toolOfRule)
  for (const [index, name] of names.entries()) {
    checkCondition(tools.approve[index]!, `tools.approve[${index}].when`, file)
    const owner = toolbox.server(name)
    if (owner !== undefined && owner !== name && !names.includes(owner))
      throw new InvalidError(`tools.approve[${index}]: ${name} is a tool of antiphon and an MCP server.`, {
        place: { ...(file !== undefined && { file }), path: `tools.approve[${index}]` },
        hint: `Name the server, too: ${owner}. Or name operations, such as ${name}:${toolbox.operations(name)[0] ?? 'execute'}`,
      })
    if (!isKnownTool(name, toolbox)) throw unknownTool(name, `tools.approve[${index}]`, file, toolbox)
  }
}

function checkCondition(rule: ApprovalRule, path: string, file: string | undefined): void {
  const fault = typeof rule === 'string' ? undefined : faultOfCondition(rule.when)
  if (fault !== undefined)
    throw new InvalidError(`${path}: ${fault}`, {
      place: { ...(file !== undefined && { file }), path },
      hint: 'Write for example { tool: github:delete, when: "{{ input.force }}" }.',
    })
}
