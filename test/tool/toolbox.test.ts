import { describe, expect, it } from 'vitest'
import { z } from 'zod'
import { terminalTools } from '../../src/tool/builtin/terminal/terminal.ts'
import { filesystemTools } from '../../src/tool/builtin/tools.ts'
import { defineTool } from '../../src/tool/tool.ts'
import { createToolbox, findClash } from '../../src/tool/toolbox.ts'

const tool = (name: string) =>
  defineTool({ name, description: name, input: z.unknown(), effect: 'pure', execute: () => null })
const builtinTools = [...filesystemTools, ...terminalTools]
const toolbox = createToolbox([...builtinTools, tool('slugify'), tool('validation:validate'), tool('validation:other')])

describe('finding a tool', () => {
  it.each([
    ['filesystem', 'read', 'filesystem:read'],
    ['filesystem:read', undefined, 'filesystem:read'],
    ['terminal', undefined, 'terminal:execute'],
    ['terminal', 'execute_command', 'terminal:execute'],
    ['slugify', undefined, 'slugify'],
    ['validation', undefined, 'validation:validate'],
    ['validation', 'execute', 'validation:validate'],
    ['slugify', 'execute', 'slugify'],
  ])('%s, %s is %s', (name, operation, found) => {
    expect(toolbox.find(name, operation)?.name).toBe(found)
  })

  it.each([
    ['filesystem', undefined],
    ['filesystem', 'shred'],
    ['slugify', 'shred'],
    ['nothing', undefined],
    ['nothing', 'execute'],
    ['__proto__', 'constructor'],
    ['terminal', 'toString'],
  ])('%s, %s is not there', (name, operation) => {
    expect(toolbox.find(name, operation)).toBeUndefined()
  })
})

describe('the list of a toolbox', () => {
  it('names tools once, sorted, and their operations', () => {
    expect(toolbox.names()).toEqual(['filesystem', 'slugify', 'terminal', 'validation'])
    expect(toolbox.operations('filesystem')).toEqual([
      'append',
      'chmod',
      'copy',
      'delete',
      'edit',
      'exists',
      'list',
      'mkdir',
      'move',
      'read',
      'search',
      'write',
    ])
    expect(toolbox.operations('slugify')).toEqual([])
    expect(toolbox.list()).toHaveLength(builtinTools.length + 3)
  })
})

describe('names that cannot live side by side', () => {
  it('refuses a second tool of the same name', () => {
    expect(() => createToolbox([tool('a:b'), tool('a:b')])).toThrow('two tools of the name a:b')
  })

  it.each([
    ['a', ['a:b'], 'a:b'],
    ['a:b', ['a'], 'a'],
    ['a:c', ['a:b'], undefined],
    ['ab', ['a:b', 'a-b'], undefined],
  ])('%s beside %j', (name, taken, clash) => {
    expect(findClash(name, taken)).toBe(clash)
  })
})
