import { describe, expect, it } from 'vitest'
import { ourTools } from '../../../src/runtime/services/toolbox.ts'
import { deniedName } from '../../../src/tool/mcp/names-of-call.ts'
import { mcpTools } from '../../../src/tool/mcp/tools.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'
import { checkApprove } from '../../../src/work/approval/check-approve.ts'
import { needByPolicy } from '../../../src/work/approval/policy.ts'
import { serverName } from '../../../src/work/tools/server-name.ts'
import { stdio } from '../../tool/mcp/bench.ts'

const PIN = { description: 'Does it', input: { type: 'object' } }
const SERVERS = ['filesystem', 'web', 'search', 'srv', 'my__srv', 'my', 'mcp__odd', 'hand_off', 'Web_Search', 'agent']

const toolbox = createToolbox([
  ...ourTools,
  ...mcpTools(
    Object.fromEntries(SERVERS.map((name) => [name, stdio('x', { effects: 'pure' })])),
    Object.fromEntries(SERVERS.map((name) => [name, { read: PIN }])),
    ourTools,
  ),
])

describe('a server with the name of another tool', () => {
  it.each([
    ['filesystem', 'mcp__filesystem'],
    ['Web_Search', 'mcp__Web_Search'],
    ['agent', 'mcp__agent'],
    ['hand_off', 'mcp__hand_off'],
    ['mcp__odd', 'mcp__mcp__odd'],
    ['web', 'web'],
    ['srv', 'srv'],
  ])('%s has its tools under %s', (server, owner) => {
    expect(toolbox.server(server)).toBe(owner)
    expect(toolbox.find(owner, 'read')?.server).toBe(server)
  })

  it('leaves the built-in tool as it is', () => {
    expect(toolbox.find('filesystem', 'read')?.server).toBeUndefined()
    expect(toolbox.find('filesystem:read')?.server).toBeUndefined()
  })

  it('is not meant by a rule about the built-in tool, and the other way round', () => {
    expect(deniedName(['filesystem'], 'mcp__filesystem:read', {})).toBeUndefined()
    expect(deniedName(['mcp__filesystem'], 'filesystem:read', {})).toBeUndefined()
    expect(deniedName(['mcp__filesystem'], 'mcp__filesystem:read', {})).toBe('mcp__filesystem')
    const call = { server_name: 'filesystem', tool_name: 'read' }
    expect(deniedName(['mcp__filesystem:read'], 'mcp-server:execute_tool', call)).toBe('mcp__filesystem:read')
    const tool = toolbox.find('mcp__filesystem', 'read')!
    expect(needByPolicy(tool, {}, ['filesystem'])).toBeUndefined()
    expect(needByPolicy(tool, {}, ['mcp__filesystem'])).toBeDefined()
  })

  it('has to be named, too, where calls wait by the name that both have', () => {
    const approve = (...names: readonly string[]) => checkApprove({ tools: { approve: names } } as never, toolbox)
    expect(() => approve('filesystem')).toThrow(
      expect.objectContaining({ hint: expect.stringContaining('mcp__filesystem') }),
    )
    expect(() => approve('filesystem', 'mcp__filesystem')).not.toThrow()
    expect(() => approve('filesystem:write', 'srv', 'web')).not.toThrow()
    expect(() => approve('mcp__srv')).toThrow('there is no tool mcp__srv')
  })
})

describe('a name of a server', () => {
  it.each([
    ['mcp__filesystem', 'mcp__filesystem'],
    ['mcp__filesystem__read', 'mcp__filesystem:read'],
    ['mcp__filesystem:read', 'mcp__filesystem:read'],
    ['mcp__filesystem__*', 'mcp__filesystem'],
    ['filesystem/read', 'mcp__filesystem:read'],
    ['filesystem/*', 'mcp__filesystem'],
    ['search/codebase', 'search:codebase'],
    ['mcp__web', 'web'],
    ['mcp__srv__a__b', 'srv:a__b'],
    ['srv', 'srv'],
    ['brought', 'brought'],
    ['mcp__brought__go', 'brought:go'],
  ])('%s means %s', (name, meant) => {
    expect(serverName(name, toolbox, ['brought'])).toEqual({ name: meant })
  })

  it.each(['filesystem:read', 'terminal', 'Read', 'edit', 'edit/editFiles', 'srv:read'])('%s means none', (name) => {
    expect(serverName(name, toolbox)).toBeUndefined()
  })

  it.each([
    ['mcp__terminal', 'there is no server `terminal`'],
    ['mcp__terminal__execute', 'there is no server `terminal`'],
    ['terminal/execute', 'there is no server `terminal`'],
    ['pdf-compiler/execute', 'there is no server `pdf-compiler`'],
    ['mcp__my__srv', '`mcp__my__srv` may mean my:srv or my__srv'],
    ['filesystem', '`filesystem` means a server and another tool'],
    ['web', '`web` means a server and another tool'],
    ['search', '`search` means a server and another tool'],
    ['agent', '`agent` means a server and another tool'],
  ])('%s is a fault', (name, fault) => {
    expect(serverName(name, toolbox)).toMatchObject({ fault })
  })
})
