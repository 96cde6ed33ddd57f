import { RULE_TABLE } from '../../../src/pipeline/language/schema/pipeline-keys.ts'

const words = (what: string, names: string) => names.split(' ').map((name) => `${what} ${name}`)

/** Words of the language that no pipeline of the table needs, by the reason why a kill cannot matter to what they say. */
export const NOT_KILLED: { readonly [why: string]: readonly string[] } = {
  'it is for people, and nothing is done with it': [
    ...words('pipeline', 'description type metadata'),
    ...words('step', 'description metadata outputs schema output_schema output_description'),
    ...words('input', 'description example'),
  ],
  'it never existed, and is ignored': [
    ...words('pipeline', 'enhanced_outputs enhanced_inputs enhanced_steps advanced_steps'),
    ...words('pipeline', 'error_handling monitoring optimization'),
    ...words('step', 'add_completion_task error_handling tool_config'),
  ],
  'inputs are checked before a run begins': [
    ...words('input', 'name required choices enum range validation'),
    ...words('rule', Object.keys(RULE_TABLE).join(' ')),
  ],
  'it is weighed when a model is chosen, by a pure function': words(
    'need',
    'min_size max_size modalities context offline max_latency_ms min_tokens_per_second min_accuracy_score excluded',
  ),
  'models are weighed by a pure function, and nobody is asked': words(
    'tool',
    'task-delegation:execute multi-model-routing:execute multi-model-routing:route multi-model-routing:optimize_batch',
  ),
  'it asks a model once, as extract_structured does, which is killed': words('tool', 'prompt-optimization:execute'),
  'another name, gone once it is compiled': words(
    'action',
    'llm_call llm_generate llm generate_code analyze file process validate echo print log',
  ),
  'it is checked by the compiler, or another name of `tool`': words('step', 'control_system capabilities'),
  'goals have kills of their own, and these processes have no agents': [
    ...words('tool', 'agent:nobody'),
    ...words('step', 'tools'),
  ],
  'idempotent or at-most-once by name, as those of filesystem and terminal that are killed': words(
    'tool',
    'http-client:get http-client:head http-client:post http-client:put http-client:patch http-client:delete web-search:search headless-browser:navigate headless-browser:scrape headless-browser:extract headless-browser:verify headless-browser:search headless-browser:screenshot headless-browser:act pdf-compiler:compile visualization:create_charts visualization:create_dashboard visualization:export_figures filesystem:search filesystem:edit python-executor:execute javascript-executor:execute mcp-server:connect mcp-server:list_tools mcp-server:execute_tool mcp-server:disconnect mcp-resource:list mcp-resource:read mcp-resource:subscribe mcp-resource:unsubscribe image-generation:generate image-generation:execute',
  ),
}
