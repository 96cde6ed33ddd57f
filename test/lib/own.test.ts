import { expect, it } from 'vitest'
import { verdictOf } from '../../src/contract/error-codes.ts'
import { countCrashes } from '../../src/engine/poison.ts'
import { ownValue } from '../../src/lib/own.ts'
import { capabilityLevelOf, isSameCapability } from '../../src/model/choose/levels.ts'
import { compileText } from '../../src/pipeline/language/compile.ts'
import { matchesFailure } from '../../src/pipeline/step/failure.ts'
import { ourTools } from '../../src/runtime/services/toolbox.ts'
import { createToolbox } from '../../src/tool/toolbox.ts'
import { agentWith, parse } from '../agent/definition/parsing.ts'

const NAMES = ['constructor', '__proto__', 'toString', 'hasOwnProperty', 'valueOf']

it.each(NAMES)('%s is not what every object has', (name) => {
  expect(ownValue({}, name)).toBeUndefined()
  expect(ownValue(JSON.parse(`{"${name}":1}`), name)).toBe(1)
})

it.each(NAMES)(
  '%s is a name like any other, of a code, a message, a key, a tag, a capability and an action',
  (name) => {
    expect(verdictOf({ code: name, name: 'Error' })).toEqual({ exit: 1, status: 500 })
    expect(countCrashes({ exposed: {}, held: {} }, name)).toBe(0)
    const problem = { code: name, name: 'ToolFailure', message: 'no', terminal: true }
    expect(matchesFailure({ types: ['timeout'], patterns: [], codes: [], enabled: true }, problem, null)).toBe(false)
    expect(capabilityLevelOf({ tags: [name] })).toBe(capabilityLevelOf({ tags: ['unheard-of'] }))
    expect(isSameCapability(name, 'image')).toBe(false)
    expect(parse(agentWith(`${name}: 1`)).said).toEqual([expect.stringContaining(`the key \`${name}\` is unknown`)])
    for (const text of [
      `name: x\nsteps:\n  - { id: a, action: ${name} }\n`,
      `name: x\nsteps:\n  - { id: a, tool: ${name} }\n`,
      `name: x\nsteps:\n  - { id: a, tool: debug, parameters: { message: "{% ${name} %}" } }\n`,
      `name: x\nsteps:\n  - { id: a, tool: debug, parameters: { message: "{{ ${name} }} {{ inputs.${name} }}" } }\n`,
      `name: x\nsteps:\n  - { id: a, tool: debug, needs: [${name}], parameters: { message: x } }\n`,
      `name: x\nsteps:\n  - { id: a, tool: debug, on_success: ${name}, parameters: { ${name}: x } }\n`,
    ]) {
      const { findings } = compileText(text, { toolbox: createToolbox(ourTools), given: [], file: 'x.yaml' })
      expect(findings.length, text).toBeGreaterThan(0)
      expect(findings.map(({ message, hint = '' }) => message + hint).join('\n'), text).not.toMatch(
        /native code|undefined/,
      )
    }
  },
)
