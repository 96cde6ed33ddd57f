import { InvalidError, TerminalError } from '../../errors.ts'
import { nearestWord } from '../../lib/suggest.ts'
import { isCallbackTool } from '../../step/messages/callback.ts'
import { guardTool } from '../../tool/plugin/guard.ts'
import { codeTools } from '../../tool/plugin/tools-in-code.ts'
import type { Tool } from '../../tool/tool.ts'
import { partsOfStub } from './stub-tool.ts'
import type { AgentTestOptions } from './suite.ts'

/**
 * The tools of a runtime with stubs in the places of those they replace. A stub of a tool that the runtime lacks is
 * added. InvalidError `unknown_tool` for a stub that has only a name which no tool has.
 */
export function withStubs(
  tools: readonly Tool[],
  stubs: readonly Tool[],
  unstubbed: AgentTestOptions['unstubbed'],
): readonly Tool[] {
  const byName = new Map(stubs.map((stub) => [stub.name, stub]))
  const replaced = tools.map((tool) => {
    const stub = byName.get(tool.name)
    if (stub) return replacing(tool, partsOfStub(stub)?.begin() ?? stub.execute.bind(stub))
    return unstubbed === 'fail' && tool.effect !== 'pure' && !isCallbackTool(tool) ? refusing(tool) : tool
  })
  const names = tools.map(({ name }) => name)
  const added = stubs.filter(({ name }) => !names.includes(name))
  const unknown = added.find((stub) => partsOfStub(stub)?.isNamed)
  if (unknown) throw unknownStub(unknown.name, names)
  return [...replaced, ...codeTools(added, tools)]
}

function replacing(tool: Tool, execute: Tool['execute']): Tool {
  if (isCallbackTool(tool))
    throw new InvalidError(`The tool ${tool.name} asks a person or another agent, and cannot be stubbed.`, {
      code: 'invalid_agent_test',
      hint: 'Answer its question in `answers` of the case.',
    })
  const { undo } = tool
  // whether it can be undone decides if it waits for a person
  const undoing = undo ? { undo: () => {}, prepare: () => null } : {}
  const other = {
    execute,
    confined: undefined,
    isolation: undefined,
    lookUp: undefined,
    lookedUpBy: undefined,
    ...undoing,
  }
  return guardTool(Object.assign(Object.create(tool) as Tool, other))
}

const refusing = (tool: Tool): Tool =>
  replacing(tool, () => {
    throw new TerminalError(`${tool.name} has no stub, and this test makes no call without one.`, {
      code: 'tool_failed',
      hint: `Give the test a stub: tools: [stubTool('${tool.name}', …)].`,
    })
  })

function unknownStub(name: string, names: readonly string[]): InvalidError {
  const near = nearestWord(name, names)
  return new InvalidError(`There is no tool ${name} to stub.`, {
    code: 'unknown_tool',
    place: { path: 'tools' },
    hint: near === undefined ? 'Give stubTool the tool itself, as defineTool made it.' : `Did you mean ${near}?`,
  })
}
