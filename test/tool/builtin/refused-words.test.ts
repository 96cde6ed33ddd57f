import { expect, test } from 'vitest'
import { compileText } from '../../../src/pipeline/language/compile.ts'
import { builtinTools } from '../../../src/tool/builtin/tools.ts'
import { createToolbox } from '../../../src/tool/toolbox.ts'

const toolbox = createToolbox(builtinTools)
const findings = (step: object) =>
  compileText(JSON.stringify({ name: 'x', steps: [{ id: 'a', ...step }] }), { file: 'p.yaml', toolbox }).findings

test.each([
  [{ tool: 'web-search', action: 'search' }, 'missing_parameter'],
  [{ tool: 'web-search', action: 'find', parameters: { query: 'x' } }, 'unknown_operation'],
  [{ tool: 'http-client', parameters: { url: 'x' } }, 'unknown_operation'],
  [{ tool: 'web-searhc', parameters: { query: 'x' } }, 'unknown_tool'],
])('%j is refused: %s', (step, code) => {
  expect(findings(step)).toContainEqual(expect.objectContaining({ code, severity: 'error' }))
})
