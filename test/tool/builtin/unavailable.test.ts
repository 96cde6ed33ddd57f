import { expect, test } from 'vitest'
import { compileText } from '../../../src/pipeline/language/compile.ts'
import { builtinTools } from '../../../src/tool/builtin/tools.ts'
import { unavailableTools } from '../../../src/tool/builtin/unavailable.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'
import { openWorkshop } from '../../pipeline/workshop.ts'

const toolbox = createToolbox([...builtinTools, ...unavailableTools])
const findings = (step: object) =>
  compileText(JSON.stringify({ name: 'x', steps: [{ id: 'a', ...step }] }), { file: 'p.yaml', toolbox }).findings

test.each([
  { tool: 'mcp-resource', action: 'subscribe', parameters: { server_name: 's', uri: 'u' } },
  { tool: 'mcp-resource', action: 'unsubscribe', parameters: { server_name: 's', uri: 'u' } },
])('compiles, with a warning that says what is missing: %j', (step) => {
  expect(findings(step)).toEqual([
    expect.objectContaining({
      code: 'tool_unavailable',
      severity: 'warning',
      message: expect.stringMatching(/it needs \w/),
    }),
  ])
})

test.each([
  [{ tool: 'web-search', action: 'search' }, 'missing_parameter'],
  [{ tool: 'web-search', action: 'find', parameters: { query: 'x' } }, 'unknown_operation'],
  [{ tool: 'http-client', parameters: { url: 'x' } }, 'unknown_operation'],
  [{ tool: 'web-searhc', parameters: { query: 'x' } }, 'unknown_tool'],
])('%j is refused: %s', (step, code) => {
  expect(findings(step)).toContainEqual(expect.objectContaining({ code, severity: 'error' }))
})

test.each(unavailableTools.map((tool) => [tool.name, tool] as const))(
  '%s fails by name when it is called',
  (name, tool) => {
    expect(() => tool.execute({}, undefined as never)).toThrow(
      expect.objectContaining({ code: 'tool_unavailable', terminal: true, message: expect.stringContaining(name) }),
    )
  },
)

test('a step with one fails once, and says what stands in for it', async () => {
  const { run } = openWorkshop({ tools: unavailableTools })
  const end = await run(
    'name: x\nsteps:\n  - { id: s, tool: mcp-resource, action: subscribe, parameters: { server_name: s, uri: u }, on_failure: continue }\noutputs: { e: "{{ s.error }}" }',
  )
  expect(end.outputs).toMatchObject({ e: expect.stringContaining('antiphon tools new mcp-resource') })
  expect(end.steps.s).toMatchObject({ attempts: 1, problem: { code: 'tool_unavailable' } })
})
