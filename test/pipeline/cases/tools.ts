import type { Json } from '../../../src/kernel/schema.ts'
import type { Case } from './case.ts'

type Call = readonly [tool: string, action: string, parameters: { readonly [name: string]: Json }, expected: Json]

/** Steps one after another, each with a field of its result that is told; it is checked what all of them came to. */
function calls(field: string, ...all: readonly Call[]): Case {
  const steps = all.map(([tool, action, parameters], n) => ({
    ...{ id: `s${n}`, tool, ...(action !== '' && { action }), parameters },
    ...(n > 0 && { dependencies: [`s${n - 1}`] }),
  }))
  const outputs = Object.fromEntries(all.map((_, n) => [`s${n}`, `{{ s${n}${field} }}`]))
  return {
    yaml: JSON.stringify({ name: 'x', steps, outputs }, null, 2),
    outputs: Object.fromEntries(all.map(([, , , expected], n) => [`s${n}`, expected])),
  }
}

const ROWS = [
  { k: 'x', v: 1 },
  { k: 'y', v: 2 },
  { k: 'x', v: 3 },
]
const data = (action: string, parameters: { readonly [name: string]: Json }, expected: Json): Call => [
  'data-processing',
  action,
  { data: ROWS, ...parameters },
  expected,
]

/** A request to this machine, which the defaults of `web:` refuse. */
const refused = (tool: string, action: string): Case => ({
  ...calls('', [tool, action, { url: 'http://127.0.0.1/' }, null]),
  ...{ fails: 'address_refused', outputs: {} },
})

/** A call of an MCP server that no configuration names. */
const nameless = (tool: string, action: string, parameters: { readonly [name: string]: Json } = {}): Case => ({
  ...calls('', [tool, action, { server_name: 'nobody', ...parameters }, null]),
  ...{ fails: 'unknown_server', outputs: {} },
})

/** Every tool of ours at work, in a folder of its own. */
export const TOOLS: readonly Case[] = [
  calls(
    '.action',
    ['filesystem', 'mkdir', { path: 'd' }, 'mkdir'],
    ['filesystem', 'write', { path: 'd/a.txt', content: 'hi' }, 'write'],
    ['filesystem', 'append', { path: 'd/a.txt', content: '!' }, 'append'],
    ['filesystem', 'edit', { path: 'd/a.txt', old_text: 'hi!', new_text: 'ho' }, 'edit'],
    ['filesystem', 'copy', { path: 'd/a.txt', destination: 'd/b.txt' }, 'copy'],
    ['filesystem', 'move', { path: 'd/b.txt', destination: 'd/c.txt' }, 'move'],
    ['filesystem', 'read', { path: 'd/c.txt' }, 'read'],
    ['filesystem', 'list', { path: 'd', pattern: '*.txt' }, 'list'],
    ['filesystem', 'exists', { path: 'd/b.txt' }, 'exists'],
    ['filesystem', 'chmod', { path: 'd/a.txt', mode: '600' }, 'chmod'],
    ['filesystem', 'delete', { path: 'd', recursive: true }, 'delete'],
  ),
  calls('.count', ['filesystem', 'search', { pattern: '*.none', text: 'hi' }, 0]),
  calls('.stdout', ['terminal', 'execute', { command: 'echo ok' }, 'ok\n']),
  calls('', ['debug', '', { message: 'm' }, 'm']),
  calls('', ['echo', '', { action: 'echo e' }, 'e']),
  calls(
    '.processed_data | length',
    data('convert', { target_format: 'json' }, 3),
    data('filter', { criteria: { k: 'x' } }, 2),
    data('aggregate', { group_by: ['k'], aggregations: { v: 'sum' } }, 2),
    data('transform', { operations: [{ type: 'deduplicate', columns: ['k'] }] }, 2),
    data('pivot', { index: 'k', columns: 'v', values: 'v' }, 2),
    data('clean', { remove_duplicates: true }, 3),
    [
      'data-processing',
      'merge',
      {
        datasets: [
          { name: 'a', data: ROWS },
          { name: 'b', data: ROWS },
        ],
      },
      6,
    ],
  ),
  calls('.result.row_count', data('profile', {}, 3)),
  calls('.valid', ['validation', 'validate', { data: { a: 1 }, schema: { required: ['b'] } }, false]),
  calls('.data_type', ['validation', 'infer_schema', { data: { a: 1 } }, 'object']),
  calls(
    '.title',
    ['report-generator', 'generate', { title: 'T', content: 'c' }, 'T'],
    ['report-generator', 'create', { title: 'U', content: 'c' }, 'U'],
  ),
  calls('.value', ['user-prompt', '', { prompt: 'Who?', default: 'Ann', context: 'cli' }, 'Ann']),
  calls(
    '.namespace',
    ['mcp-memory', 'store', { namespace: 'n', key: 'a', value: 1 }, 'n'],
    ['mcp-memory', 'retrieve', { namespace: 'n', key: 'a' }, 'n'],
    ['mcp-memory', 'list', { namespace: 'n' }, 'n'],
    ['mcp-memory', 'delete', { namespace: 'n', key: 'a' }, 'n'],
    ['mcp-memory', 'clear', { namespace: 'n' }, 'n'],
  ),
  calls(
    '.version',
    ['environment', 'update', { name: 'e', patch: { tea: 1 } }, 1],
    ['environment', 'get', { name: 'e' }, 1],
  ),
  calls('.changed', ['environment', 'watch', { name: 'e', after: 0 }, true]),
  // the cases run without agents
  { ...calls('.answer', ['agent', 'nobody', { goal: 'Go' }, null]), ...{ fails: 'not_supported', outputs: {} } },
  calls(
    '.success',
    ['recursion-control', 'update_state', { state_key: 'k', increment: 1 }, true],
    ['recursion-control', 'check_condition', { condition: 'k < 2' }, true],
    ['recursion-control', 'get_state', { state_key: 'k' }, true],
    ['recursion-control', 'reset', {}, true],
  ),
  calls('.outputs.o', [
    'pipeline-executor',
    '',
    { pipeline: { name: 'y', steps: [{ id: 'a', action: 'echo below' }], outputs: { o: '{{ a }}' } } },
    'below',
  ]),
  {
    ...calls(
      '.status',
      ['approval-gate', '', { title: 't', content: 'c', context: 'api' }, 'completed'],
      ['feedback-collection', '', { title: 't', questions: [{ id: 'q', type: 'text', text: 'Why?' }] }, 'completed'],
      ['wait-for-signal', '', { signal: 'go' }, 'completed'],
    ),
    signals: { s0: 'approve', s1: { q: 'so' }, go: 1 },
  },
  ...['analyze', 'execute'].map(
    (action): Case => ({
      ...calls('.analysis.result', ['image-analysis', action, { image: 'a.gif' }, 'a dot']),
      ...{ files: { 'a.gif': 'GIF89a\x01\0\x01\0\0\0\0' }, says: 'a dot' },
    }),
  ),
  {
    ...calls('.transcription', ['audio-processing', 'transcribe', { audio: 'a.ogg' }, null]),
    ...{ files: { 'a.ogg': `OggS\0\x02${'\0'.repeat(22)}OpusHead` }, fails: 'no_eligible_model', outputs: {} },
  },
  {
    ...calls('.path', ['audio-processing', 'speak', { text: 'Ebb.', output_path: 'a.mp3' }, null]),
    ...{ fails: 'no_eligible_model', outputs: {} },
  },
  ...['generate', 'execute'].map(
    (action): Case => ({
      ...calls('.images', ['image-generation', action, { prompt: 'A pier.' }, null]),
      ...{ fails: 'tool_unavailable', outputs: {} },
    }),
  ),
  calls(
    '.selected_model',
    ['task-delegation', 'execute', { task: 'Sum up' }, 'offline/extractive'],
    ['multi-model-routing', 'execute', { request: 'Sum up' }, 'offline/extractive'],
  ),
  calls('.recommendations[0].model', [
    'multi-model-routing',
    'route',
    { tasks: ['Sum up'], strategy: 'cost' },
    'offline/extractive',
  ]),
  calls('.results[0].model', ['multi-model-routing', 'optimize_batch', { tasks: ['Sum up'] }, 'offline/extractive']),
  {
    ...calls('.optimized_prompt', ['prompt-optimization', 'execute', { prompt: 'Please sum up' }, 'Sum up']),
    says: '{"optimized_prompt": "Sum up", "applied_optimizations": [], "recommendations": []}',
  },
  calls('.value', ['javascript-executor', 'execute', { code: 'return inputs.n + 1', inputs: { n: 1 } }, 2]),
  // the value of a template in code becomes part of the program
  {
    yaml: JSON.stringify({
      name: 'x',
      inputs: { n: 3 },
      steps: [{ id: 'a', tool: 'python-executor', action: 'execute', parameters: { code: 'print({{ n }})' } }],
    }),
    finds: ['template_in_code'],
  },
  // requests of steps reach public addresses only
  calls(
    '.count',
    ['visualization', 'create_charts', { data: ROWS, format: 'svg', output_dir: 'c' }, 1],
    ['visualization', 'export_figures', { figures: ['c/chart-1-bar.svg'], format: 'html' }, 1],
  ),
  {
    ...calls('.charts_included', ['visualization', 'create_dashboard', { charts: ['a.svg'] }, 1]),
    files: { 'a.svg': '<svg/>' },
  },
  {
    ...calls('', ['pdf-compiler', 'compile', { content: '![tides](tides.txt)' }, null]),
    ...{ fails: 'invalid_input', outputs: {} },
  },
  ...['get', 'head', 'post', 'put', 'patch', 'delete'].map((action) => refused('http-client', action)),
  ...['navigate', 'scrape', 'extract', 'verify', 'screenshot'].map((action) => refused('headless-browser', action)),
  {
    ...calls('', ['headless-browser', 'act', { actions: [{ open: 'http://127.0.0.1/' }] }, null]),
    ...{ fails: 'address_refused', outputs: {} },
  },
  ...['connect', 'list_tools', 'disconnect'].map((action) => nameless('mcp-server', action)),
  nameless('mcp-server', 'execute_tool', { tool_name: 'echo' }),
  nameless('mcp-resource', 'list'),
  nameless('mcp-resource', 'read', { uri: 'demo://a' }),
  nameless('mcp-resource', 'subscribe', { uri: 'demo://a', every: 5 }),
  nameless('mcp-resource', 'unsubscribe', { uri: 'demo://a' }),
  ...['web-search', 'headless-browser'].map((tool) => ({
    ...calls('', [tool, 'search', { query: 'ebb' }, null]),
    ...{ fails: 'search_missing', outputs: {} },
  })),
  // these read what other runs left behind, and are tried on such runs elsewhere
  ...['list', 'inspect', 'extract'].map((action) => ({
    yaml: JSON.stringify({
      name: 'x',
      steps: [{ id: 'a', tool: 'checkpoint', action, parameters: action === 'extract' ? { output_file: 'o.md' } : {} }],
    }),
  })),
]

/** Actions without a tool that ask a model, or tell by themselves. */
const SCHEMA = { type: 'object', properties: { a: { type: 'number' } }, required: ['a'] }
const acting = (action: string, parameters: object, expected: Json, says = '{"a": 1}'): Case => ({
  yaml: JSON.stringify({ name: 'x', steps: [{ id: 's', action, parameters }], outputs: { o: '{{ s.result }}' } }),
  says,
  outputs: { o: expected },
})
export const ACTIONS: readonly Case[] = [
  ...['generate', 'generate_text', 'generate-text', 'llm_call', 'llm_generate', 'llm', 'generate_code'].map(
    (action) => ({
      ...acting(action, { prompt: 'Go' }, 'gone', 'gone'),
      ...(action !== 'generate' && { finds: ['deprecated_alias'] as const }),
    }),
  ),
  acting('generate_structured', { prompt: 'Go', schema: SCHEMA }, { a: 1 }),
  { ...acting('generate-structured', { prompt: 'Go', schema: SCHEMA }, { a: 1 }), finds: ['deprecated_alias'] },
  {
    ...acting(
      'extract_structured',
      { text: 'one', schema: SCHEMA },
      { valid: true, data: { a: 1 }, errors: [], warnings: [] },
    ),
  },
  acting('analyze_text', { text: 'Go' }, 'fine', 'fine'),
  ...['analyze', 'analyze-text'].map((action) => ({
    ...acting(action, { text: 'Go' }, 'fine', 'fine'),
    finds: ['deprecated_alias'] as const,
  })),
  acting('evaluate_condition', { condition: '{{ 1 < 2 }}' }, true),
  ...['debug', 'echo', 'print', 'log'].map((action) => acting(action, { message: 'm' }, 'm')),
  acting('file', { action: 'exists', path: 'none' }, { action: 'exists', path: 'none', exists: false }),
  acting('process', { action: 'filter', data: [{ k: 1 }], criteria: { k: 2 } }, { filtered_count: 0 }),
  acting('filesystem', { action: 'exists', path: 'none' }, { exists: false }),
  { yaml: 'name: x\nsteps: [{ id: a, action: chain, parameters: { prompt: Who? } }]' },
  acting('validate', { data: 1, schema: { type: 'number' } }, { valid: true }),
]
