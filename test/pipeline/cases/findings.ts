/** The code a text must get, what the message or the hint must say, and the text, with a ¶ where the finding must point. */
export type Vector = readonly [code: string, says: RegExp, text: string]

/** Faults of whole documents. */
export const DOCUMENT: readonly Vector[] = [
  [
    'yaml_duplicate_key',
    /inputs named `n`/,
    `
name: x
inputs:
  - { name: n, default: 1 }
  - ¶{ name: n, default: 2 }
steps: [{ id: a, tool: say }]`,
  ],
  [
    'yaml_duplicate_key',
    /outputs named `o`/,
    `
name: x
steps: [{ id: a, tool: say }]
outputs:
  - { name: o, value: 1 }
  - ¶o: 2`,
  ],
  [
    'bad_value',
    /expected the name of an input, which is a letter followed by letters, digits, _ and -.*Write `- name: topic`/,
    `
name: x
inputs: [¶topic]
steps: [{ id: a, tool: say }]`,
  ],
  [
    'yaml_syntax',
    /this list is not closed/,
    `
name: x
steps: ¶[
`,
  ],
  [
    'yaml_duplicate_key',
    /twice/,
    `
name: x
¶name: y
steps: []`,
  ],
  [
    'yaml_syntax',
    /quotes/,
    `
name: x
steps:
  - id: a
    tool: say
    parameters: { text: ¶{{ topic }} }`,
  ],
  [
    'yaml_syntax',
    /quotes/,
    `
name: x
steps:
  - id: a
    tool: say
    parameters:
      text: ¶{{ topic }}`,
  ],
  [
    'missing_name',
    /Write `name: my-pipe`/,
    `
¶id: my-pipe
steps: [{ id: a, tool: say }]`,
  ],
  [
    'unknown_key',
    /mean `value`/,
    `
name: x
steps: [{ id: a, tool: say }]
outputs: { o: { ¶vlaue: 1 } }`,
  ],
  [
    'missing_name',
    /`name`: expected a text, got/,
    `
name: ¶[a, b]
steps: [{ id: a, tool: say }]`,
  ],
  [
    'missing_name',
    /name:/,
    `
¶steps: [{ id: a, tool: say }]`,
  ],
  [
    'missing_steps',
    /at least one/,
    `
¶name: x`,
  ],
  [
    'missing_steps',
    /at least one/,
    `
name: x
steps: ¶[]`,
  ],
  [
    'missing_steps',
    /map/,
    `
¶- a`,
  ],
  [
    'steps_wrapped',
    /top level/,
    `
¶pipeline:
  name: x
  steps: []`,
  ],
  [
    'steps_wrapped',
    /in `workflow:`.*top level/,
    `
¶workflow:
  name: x
  steps: [{ id: a, tool: say }]`,
  ],
  [
    'unknown_key',
    /under `validation:`: .*pattern/,
    `
name: x
inputs: { a: { type: string, ¶pattern: "^a" } }
steps: [{ id: a, tool: say }]`,
  ],
  [
    'unknown_key',
    /`steps`/,
    `
name: x
¶stepz: []
steps: [{ id: a, tool: say }]`,
  ],
  [
    'unknown_key',
    /reads? it as `settings`/,
    `
name: x
¶settings: { n: 1 }
steps: [{ id: a, tool: say }]`,
  ],
  [
    'bad_value',
    /map of constants/,
    `
name: x
config: ¶[]
steps: [{ id: a, tool: say }]`,
  ],
  [
    'bad_value',
    /Write it in seconds: 300/,
    `
name: x
config: { default_timeout: ¶5m }
steps: [{ id: a, tool: say }]`,
  ],
  [
    'bad_value',
    /provider/,
    `
name: x
model: ¶[1]
steps: [{ id: a, tool: say }]`,
  ],
  [
    'bad_value',
    /both/,
    `
name: x
steps: [{ id: a, tool: say }]
¶tasks: []`,
  ],
  [
    'bad_pipeline_id',
    /letter/,
    `
name: x
id: ¶my pipeline
steps: [{ id: a, tool: say }]`,
  ],
  [
    'non_semver_version',
    /1\.2\.3/,
    `
name: x
version: ¶1.0
steps: [{ id: a, tool: say }]`,
  ],
  [
    'old_boolean',
    /`off` is a text in YAML 1\.2, not false.*"off" in quotes/,
    `
name: x
inputs: { plain: ¶off, quoted: "off", named: { type: string, default: on }, typed: { type: boolean, default: no } }
steps: [{ id: a, tool: say }]`,
  ],
  [
    'old_boolean',
    /`Yes` is a text in YAML 1\.2, not true/,
    `
name: x
inputs: { a: { description: whether, default: ¶Yes }, b: { choices: [on, off], default: on } }
steps: [{ id: a, tool: say }]`,
  ],
  [
    'deprecated_alias',
    /steps:/,
    `
name: x
¶tasks: [{ id: a, tool: say }]`,
  ],
  [
    'bad_step',
    /map/,
    `
name: x
steps: [{ id: a, tool: say }, ¶b]`,
  ],
  [
    'undefined_variable',
    /`url`/,
    `
name: x
config: { url: 1 }
steps: [{ id: a, tool: say, parameters: { u: "{{ ¶config.ulr }}" } }]`,
  ],
  [
    'output_spec_conflict',
    /same/,
    `
name: x
steps: [{ id: a, tool: say }]
outputs: { o: ¶{ value: 1, source: 2 } }`,
  ],
]

/** Faults of steps. */
export const STEPS: readonly Vector[] = [
  [
    'missing_capability',
    /`say` names none/,
    `
  - { id: a, control_system: say, capabilities: [¶streaming] }`,
  ],
  [
    'template_syntax',
    /not 'for' There are no comprehensions/,
    `
  - { id: a, tool: say, if: "any(i > 2 ¶for i in [n])" }`,
  ],
  [
    'undefined_variable',
    /`nosuch`/,
    `
  - id: a
    tool: say
    parameters:
      text: >-
        One  line,

          and {{ topic }} another 🎉 {{ ¶nosuch }}
        and more {{ n }}`,
  ],
  [
    'undefined_variable',
    /`nosuch`/,
    `
  - id: a
    tool: say
    parameters:
      text: "One \\u00e9\\U0001F600\\t\\x41
        two \\
        three 🎉 {{ ¶nosuch }}"`,
  ],
  [
    'undefined_variable',
    /`nosuch`/,
    `
  - id: a
    tool: say
    parameters:
      text: 'It''s

        two {{ topic }} {{ ¶nosuch }}'`,
  ],
  [
    'unknown_filter',
    /nosuch/,
    `
  - id: a
    tool: say
    parameters:
      text: plain text
        over lines {{ topic | ¶nosuch }}`,
  ],
  [
    'dependency_cycle',
    /`topic` is also an input: write `inputs\.topic` for the input/,
    `
  - ¶{ id: topic, tool: say, parameters: { text: "{{ a.result }}" } }
  - { id: a, tool: say, parameters: { text: "{{ topic }}" } }`,
  ],
  [
    'template_syntax',
    /'\$' is not expected here.*Leave the `\$` out/,
    `
  - { id: a, tool: say, if: "¶\${{ n == 3 }}" }`,
  ],
  [
    'template_syntax',
    /Quotes are straight/,
    `
  - { id: a, tool: say, if: "topic == ¶‘tides’" }`,
  ],
  [
    'unknown_parameter',
    /`message` is ignored: the text after `echo` is the message/,
    `
  - { id: a, action: echo hi, parameters: { ¶message: ho } }`,
  ],
  [
    'unknown_key',
    /unknown key `max_attempts` Did you mean `retry`/,
    `
  - { id: a, tool: say, ¶max_attempts: 3 }`,
  ],
  [
    'unknown_key',
    /`retry_config:` has no key `max_retry` The attempts after the first are `retry: 2`/,
    `
  - { id: a, tool: say, retry_config: { ¶max_retry: 3 } }`,
  ],
  [
    'unknown_key',
    /`retry:` has no key `max_attempts` The attempts after the first are `retry: 2`/,
    `
  - id: a
    tool: say
    retry:
      initial_delay: 1
      ¶max_attempts: 3`,
  ],
  [
    'unknown_key',
    /`retry_config:` has no key `strategy`.*backoff_factor/,
    `
  - { id: a, tool: say, retry_config: { ¶strategy: exponential } }`,
  ],
  [
    'bad_value',
    /`initial_delay`: expected a number from 0 to/,
    `
  - { id: a, tool: say, retry_config: { max_retries: 2, initial_delay: ¶1s } }`,
  ],
  [
    'bad_value',
    /`jitter`: expected true or false, got/,
    `
  - { id: a, tool: say, retry_config: { jitter: ¶0.5 } }`,
  ],
  [
    'not_supported',
    /templates in keys are not rendered: `\{\{ topic \}\}`.*Write a literal key/,
    `
  - { id: a, tool: say, parameters: { of: { ¶"{{ topic }}": 1 } } }`,
  ],
  [
    'not_supported',
    /templates in keys are not rendered: `n_<AUTO>a word<\/AUTO>`/,
    `
  - { id: a, tool: say, parameters: { of: [{ ¶"n_<AUTO>a word</AUTO>": 1 }] } }`,
  ],
  [
    'bad_step_id',
    /Write `- id: first`/,
    `
  - ¶first: { tool: say }`,
  ],
  [
    'bad_step_id',
    /add `id: first_step`/,
    `
  - ¶name: First step
    tool: say`,
  ],
  [
    'undefined_variable',
    /`loop` has a value only in a \{% for %\}.*index/,
    `
  - id: a
    for_each: [1]
    steps: [{ id: b, tool: say, parameters: { text: "{{ ¶loop.index }}" } }]`,
  ],
  [
    'unknown_action',
    /tool: filesystem/,
    `
  - id: a
    action: ¶write_file`,
  ],
  ...(['action: ¶filesystem:read', 'action: ¶filesystem.read'] as const).map(
    (written): Vector => [
      'unknown_action',
      /Write `tool: filesystem`, `action: read`/,
      `
  - id: a
    ${written}`,
    ],
  ),
  [
    'unknown_tool',
    /Write `tool: filesystem`, `action: read`/,
    `
  - id: a
    tool: ¶filesystem.read`,
  ],
  [
    'unknown_tool',
    /no tool `filesystem:raed`.*mean `filesystem:read`/,
    `
  - id: a
    action: generate
    parameters: { prompt: Go. }
    tools: [Read, ¶filesystem:raed]`,
  ],
  [
    'not_supported',
    /only for a step that asks a model/,
    `
  - id: a
    action: echo hi
    tools: ¶[Read]`,
  ],
  [
    'bad_value',
    /no type `intger`.*mean `integer`/,
    `
  - id: a
    tool: say
    parameters: { text: ¶'<AUTO type="intger">how many</AUTO>' }`,
  ],
  [
    'unknown_key',
    /no attribute `typ`.*mean `type`/,
    `
  - id: a
    tool: say
    parameters: { text: ¶'<AUTO typ="integer">how many</AUTO>' }`,
  ],
  [
    'unknown_key',
    /`max_retries: 5` has no effect with `retry: 2`.*one of them/,
    `
  - id: a
    tool: say
    retry: 2
    ¶max_retries: 5`,
  ],
  [
    'unknown_key',
    /`continue_on_error: true` has no effect with `on_failure: fail`/,
    `
  - id: a
    tool: say
    on_failure: fail
    ¶continue_on_error: true`,
  ],
  [
    'unknown_key',
    /`on_error: continue` has no effect with `on_failure: fail`/,
    `
  - id: a
    tool: say
    on_failure: fail
    ¶on_error: continue`,
  ],
  [
    'unknown_key',
    /Did you mean `action`/,
    `
  - id: a
    tool: say
    ¶operation: execute`,
  ],
  [
    'unknown_action',
    /tool: data-processing/,
    `
  - id: a
    action: ¶transform_data`,
  ],
  [
    'unknown_action',
    /Actions without a tool/,
    `
  - id: a
    action: ¶complex_analysis`,
  ],
  [
    'unknown_tool',
    /`action: generate_text` without/,
    `
  - id: a
    tool: ¶generate_text
    parameters: { prompt: x }`,
  ],
  [
    'shell_template',
    /would execute the value of this template.*`{{ name \| quote }}`/,
    `
  - { id: a, tool: terminal, action: execute, parameters: { command: ¶"echo {{ topic }} | wc -l", shell: true } }`,
  ],
  [
    'unknown_operation',
    /`write`/,
    `
  - id: a
    tool: filesystem
    action: ¶save`,
  ],
  [
    'unknown_parameter',
    /mean `path`/,
    `
  - id: a
    tool: filesystem
    action: read
    parameters: { path: x, ¶file: y }`,
  ],
  [
    'unknown_key',
    /mean `retry`/,
    `
  - id: a
    tool: say
    ¶retries: 3`,
  ],
  [
    'error_handler_invalid',
    /mean `handler_action`/,
    `
  - id: a
    tool: say
    on_error: { action: ¶note it, fallback_value: 1 }`,
  ],
  [
    'bad_value',
    /A template is not allowed here: depend on all steps, and use `condition:` on those that may be skipped. A skipped step does not block others\./,
    `
  - id: a
    tool: say
    dependencies: ¶"{{ ['b'] }}"
  - { id: b, tool: say }`,
  ],
  [
    'bad_value',
    /A template is not allowed here: use `condition:` on the steps that may be skipped\./,
    `
  - id: a
    tool: say
    goto: ¶"{{ 'b' }}"
  - { id: b, tool: say }`,
  ],
  [
    'bad_step_id',
    /letter/,
    `
  - id: ¶1st
    tool: say`,
  ],
  [
    'bad_step_id',
    /id:/,
    `
  - ¶tool: say`,
  ],
  [
    'duplicate_step_id',
    /two steps/,
    `
  - id: a
    tool: say
  - id: ¶a
    tool: say`,
  ],
  [
    'reserved_step_id',
    /the id `outputs` is reserved: it has another meaning in templates/,
    `
  - id: ¶outputs
    tool: say`,
  ],
  [
    'reserved_policy_id',
    /on_failure/,
    `
  - id: ¶skip
    tool: say`,
  ],
  [
    'unknown_key',
    /`parameters`/,
    `
  - id: a
    tool: say
    ¶paramters: {}`,
  ],
  [
    'unknown_action',
    /neither/,
    `
  - ¶id: a`,
  ],
  [
    'unknown_action',
    /`generate`/,
    `
  - id: a
    action: ¶genrate
    parameters: { prompt: x }`,
  ],
  [
    'unknown_action',
    /py-orc used it internally/,
    `
  - id: a
    action: ¶loop_complete`,
  ],
  [
    'unknown_action',
    /`action: generate` with this text as `prompt:`/,
    `
  - id: a
    action: ¶Think about {{ topic }} for a while`,
  ],
  [
    'unknown_action',
    /tool: filesystem/,
    `
  - id: a
    action: ¶write the report somewhere`,
  ],
  [
    'missing_parameter',
    /`schema`/,
    `
  - id: a
    action: generate_structured
    parameters: ¶{ prompt: x }`,
  ],
  [
    'bad_value',
    /`schema:` is not a usable JSON Schema: /,
    `
  - id: a
    action: generate_structured
    parameters: { prompt: x, schema: ¶[a] }`,
  ],
  [
    'bad_value',
    /one of low, medium, medium-high/,
    `
  - id: a
    action: generate
    parameters: { prompt: x }
    requires_model: { expertise: ¶genius }`,
  ],
  [
    'bad_value',
    /a size such as 7B/,
    `
  - id: a
    action: generate
    parameters: { prompt: x }
    requires-model: { min_size: ¶large }`,
  ],
  [
    'bad_value',
    /`100k contxt` is nothing that can be asked of a model/,
    `
  - id: a
    action: generate
    parameters: { prompt: x }
    requires_model: ¶json, 100k contxt`,
  ],
  ...['{ ttl: 60, tag: x }', '{}', '{ ttl: 0 }', '{ ttl: 2592001, tags: [x] }', 'always'].map(
    (cache): Vector => [
      'bad_value',
      cache.includes('ttl') && !cache.includes('tag: ')
        ? /`cache.ttl`: expected a number of seconds above 0, at most 30 days, got (0|2592001)/
        : /`cache`: expected .* a map of ttl and tags, .*, got (the key `tag`|an empty map|"always")/,
      `
  - id: a
    action: generate
    parameters: { prompt: x }
    cache: ¶${cache}`,
    ],
  ),
  ...['x', '[]', '[x, ""]', '[1]', `[${'x, '.repeat(20)}x]`].map(
    (tags): Vector => [
      'bad_value',
      /`cache.tags`: expected a list of 1 to 20 texts, got/,
      `
  - id: a
    action: generate
    parameters: { prompt: x }
    cache: ¶{ tags: ${tags} }`,
    ],
  ),
  [
    'undefined_variable',
    /`topics`.*Did you mean/s,
    `
  - id: topic
    action: generate
    parameters: { prompt: x }
  - id: b
    action: generate
    parameters: { prompt: x }
    cache: { tags: [x, "{{ ¶topics }}"] }`,
  ],
  [
    'not_supported',
    /<AUTO> has no meaning here/,
    `
  - id: a
    action: generate
    parameters: { prompt: x }
    cache: { tags: [¶<AUTO>which?</AUTO>] }`,
  ],
  [
    'bad_value',
    /`requires_model`: expected requirements in words, a map of requirements, or none, got/,
    `
  - id: a
    action: generate
    parameters: { prompt: x }
    requires_model: ¶7`,
  ],
  [
    'bad_value',
    /`budget_period`: expected one of per-task, per-pipeline, per-hour, per-day.*Did you mean `per-hour`/s,
    `
  - id: a
    action: generate
    parameters: { prompt: x }
    requires_model: { cost_limit: 1, budget_period: ¶per_hour }`,
  ],
  [
    'not_supported',
    /Read a completed loop by its id, as in `\{\{ each\.results \}\}`/,
    `
  - id: a
    action: debug
    parameters: { message: "{{ ¶historical_loops() }}" }`,
  ],
  [
    'unknown_tool',
    /`filesystem`/,
    `
  - id: a
    tool: ¶filesytem
    action: read`,
  ],
  [
    'unknown_operation',
    /`read`/,
    `
  - id: a
    tool: filesystem
    action: ¶raed
    parameters: { path: x }`,
  ],
  [
    'unknown_operation',
    /read, write/,
    `
  - id: a
    tool: ¶filesystem`,
  ],
  [
    'missing_parameter',
    /`path`/,
    `
  - id: a
    tool: filesystem
    action: read
    parameters: ¶{ encoding: x }`,
  ],
  [
    'unknown_parameter',
    /`path`/,
    `
  - id: a
    tool: filesystem
    action: read
    parameters: { path: x, ¶paht: y }`,
  ],
  [
    'missing_parameter',
    /prompt/,
    `
  - ¶id: a
    action: generate_text`,
  ],
  [
    'missing_parameter',
    /`echo` requires the parameter `message` Or write the text after it: action: echo/,
    `
  - ¶id: a
    action: echo`,
  ],
  [
    'would_fail',
    /`\|` needs a shell Set `shell: true`/,
    `
  - id: a
    tool: terminal
    parameters: { command: ¶"grep '{{ topic }}' notes.txt | wc -l" }`,
  ],
  [
    'would_fail',
    /`timeout`: expected a number, got the string "5s"/,
    `
  - id: a
    tool: terminal
    parameters: { command: ls, timeout: ¶5s }`,
  ],
  [
    'not_supported',
    /expected `recursion` auto or never[\s\S]*approval-gate/,
    `
  - id: a
    action: chain
    parameters: { prompt: Who?, recursion: ¶step }`,
  ],
  [
    'would_fail',
    /`recursion`: expected one of auto, never, got "nevr"[\s\S]*`never`/,
    `
  - id: a
    action: chain
    parameters: { prompt: Who?, recursion: ¶nevr }`,
  ],
  [
    'would_fail',
    /`env`: expected a map, got a list/,
    `
  - id: a
    tool: terminal
    parameters: { command: ls, env: ¶[A] }`,
  ],
  [
    'would_fail',
    /`&&` needs a shell/,
    `
  - id: a
    action: "!make && make test"
    parameters: ¶{ timeout: 5 }`,
  ],
  [
    'dependency_unknown',
    /`first`/,
    `
  - id: first
    tool: say
  - { id: b, tool: say, dependencies: [¶frist] }`,
  ],
  [
    'dependency_self',
    /itself/,
    `
  - id: a
    dependencies: [¶a]
    tool: say`,
  ],
  [
    'dependency_cycle',
    /a → b → a/,
    `
  - ¶{ id: a, tool: say, dependencies: [b] }
  - { id: b, tool: say, parameters: { t: "{{ a }}" } }`,
  ],
  [
    'template_syntax',
    /./,
    `
  - id: a
    tool: say
    parameters: { text: "on {{ topic | ¶}}" }`,
  ],
  [
    'unknown_filter',
    /slugify/,
    `
  - id: a
    tool: say
    parameters: { text: "{{ topic | ¶slugfy }}" }`,
  ],
  [
    'undefined_variable',
    /`topic`/,
    `
  - id: a
    tool: say
    parameters: { text: "{{ ¶tpoic }}" }`,
  ],
  [
    'undefined_variable',
    /`first`/,
    `
  - id: first
    tool: say
  - id: b
    tool: say
    condition: "{{ ¶frist.x }}"`,
  ],
  [
    'undefined_variable',
    /`started_at`/,
    `
  - id: a
    tool: say
    parameters: { text: "{{ ¶execution.strated_at }}" }`,
  ],
  [
    'undefined_variable',
    /`topic`/,
    `
  - id: a
    tool: say
    parameters: { text: "{{ ¶inputs.topik }}" }`,
  ],
  [
    'global_not_called',
    /now\(\)/,
    `
  - id: a
    tool: say
    parameters: { text: "{{ ¶now }}" }`,
  ],
  [
    'loop_variable_outside_loop',
    /body/,
    `
  - id: a
    tool: say
    parameters: { text: "{{ ¶item }}" }`,
  ],
  [
    'auto_unclosed_ambiguous',
    /not closed/,
    `
  - id: a
    tool: say
    parameters: { text: "say ¶<AUTO>x" }`,
  ],
  [
    'auto_unclosed_ambiguous',
    /an <AUTO> tag is in a place without templates/,
    `
  - id: a
    tool: say
    parameters: { text: ¶"{% raw %}<AUTO>x</AUTO>{% endraw %}" }`,
  ],
  [
    'undefined_variable',
    /nosuch/,
    `
  - id: a
    tool: say
    parameters: { text: "a <AUTO>b {{ ¶nosuch }}</AUTO>" }`,
  ],
  [
    'bad_value',
    /no type `colour`/,
    `
  - id: a
    tool: say
    parameters: { text: ¶<AUTO type="colour">x</AUTO> }`,
  ],
  [
    'bad_value',
    /expected min below max, got 9 and 3/,
    `
  - id: a
    tool: say
    parameters: { text: ¶<AUTO type="integer" min="9" max="3">x</AUTO> }`,
  ],
  [
    'bad_value',
    /whole number/,
    `
  - id: a
    tool: say
    retry: ¶-1`,
  ],
  [
    'bad_value',
    /seconds/,
    `
  - id: a
    tool: say
    timeout: ¶soon`,
  ],
  [
    'bad_value',
    /Write it in seconds: 3$/,
    `
  - id: a
    tool: say
    timeout: ¶3s`,
  ],
  [
    'bad_value',
    /from 0.001 to 86400/,
    `
  - id: a
    tool: say
    timeout: ¶0`,
  ],
  [
    'routing_unknown',
    /`continue`/,
    `
  - id: a
    tool: say
    on_failure: ¶continu`,
  ],
  [
    'routing_unknown',
    /The other steps are: b/,
    `
  - id: a
    tool: say
    goto: ¶zzzzzz
  - { id: b, tool: say }`,
  ],
  [
    'routing_self',
    /to itself/,
    `
  - id: a
    tool: say
    on_success: ¶a`,
  ],
  [
    'routing_backward',
    /expected a step after `b`, got/,
    `
  - { id: a, tool: say }
  - id: b
    tool: say
    goto: ¶a`,
  ],
  [
    'routing_backward',
    /expected a step after `a`, got/,
    `
  - id: a
    tool: say
    dependencies: [b]
    on_failure: ¶b
  - { id: b, tool: say }`,
  ],
  [
    'bad_value',
    /`on_false:` requires a `condition:` that can be false/,
    `
  - id: a
    tool: say
    on_false: ¶b
  - { id: b, tool: say }`,
  ],
  [
    'bad_value',
    /mean the same/,
    `
  - id: a
    tool: say
    goto: b
    on_success: ¶b
  - { id: b, tool: say }`,
  ],
  [
    'routing_unknown',
    /to fall back to/,
    `
  - id: a
    tool: say
    fallback: ¶b`,
  ],
  [
    'routing_self',
    /falls back to itself/,
    `
  - id: a
    tool: say
    fallback: ¶a`,
  ],
  [
    'error_handler_invalid',
    /Did you mean `mend`/,
    `
  - id: a
    tool: say
    on_error: { handler_task_id: ¶mand }
  - { id: mend, tool: say }`,
  ],
  [
    'error_handler_invalid',
    /cannot have both/,
    `
  - id: a
    tool: say
    on_error: { handler_task_id: b, handler_action: ¶note it }
  - { id: b, tool: say }`,
  ],
  [
    'stops_at_failure',
    /stops at the first one that fails.*`stop_on_error: false`/,
    `
  - { id: a, tool: terminal, action: execute, parameters: { shell: true, command: ¶"false\\necho a" } }`,
  ],
  [
    'zeros_dropped',
    /`01234` is read as the number 1234.*"01234" in quotes/,
    `
  - id: a
    tool: say
    parameters: { rows: [{ n: 10, z: "01234" }], wanted: { n: 10, z: ¶01234 } }`,
  ],
  [
    'handler_does_nothing',
    /Did you mean `debug`/,
    `
  - id: a
    tool: say
    on_error: { handler_action: ¶debgu, retry_with_handler: false }`,
  ],
  [
    'handler_does_nothing',
    /Name a step under `handler_task_id:`\./,
    `
  - id: a
    tool: say
    on_error: { handler_action: ¶mend }
  - { id: mend, tool: say }`,
  ],
  [
    'handler_does_nothing',
    /`generate` needs `prompt`: the handler does nothing, and the failure counts as handled/,
    `
  - id: a
    tool: say
    on_error: { handler_action: ¶generate }`,
  ],
  [
    'handler_does_nothing',
    /Did you mean `mend`/,
    `
  - id: a
    tool: say
    on_error: ¶mand
  - { id: mend, tool: say }`,
  ],
  [
    'error_handler_invalid',
    /a handler requires `handler_task_id:`, `handler_action:` or `fallback_value:`/,
    `
  - id: a
    tool: say
    on_error: ¶{ priority: 3 }`,
  ],
  [
    'error_handler_invalid',
    /from 1 to 10000/,
    `
  - id: a
    tool: say
    on_error: { fallback_value: 1, priority: ¶0 }`,
  ],
  [
    'error_handler_invalid',
    /Did you mean `error_types`/,
    `
  - id: a
    tool: say
    on_error: { fallback_value: 1, error_type: ¶x }`,
  ],
  [
    'error_handler_invalid',
    /"\(\?<=a\)b" is not a valid pattern: p/,
    `
  - id: a
    tool: say
    on_error: { fallback_value: 1, error_patterns: [ok, ¶'(?<=a)b'] }`,
  ],
  [
    'error_handler_invalid',
    /true or false/,
    `
  - id: a
    tool: say
    on_error: { fallback_value: 1, propagate_error: ¶maybe }`,
  ],
  [
    'error_handler_invalid',
    /one of debug/,
    `
  - id: a
    tool: say
    on_error: { fallback_value: 1, log_level: ¶loud }`,
  ],
  [
    'error_handler_invalid',
    /cannot have both/,
    `
  - id: a
    tool: say
    on_error: { fallback_value: 1 }
    error_handlers: ¶[{ fallback_value: 1 }]`,
  ],
  [
    'error_handler_invalid',
    /`mend` handles the failure of `a` and waits for `other`, but `a` does not wait for `other`/,
    `
  - { id: a, tool: say, on_error: { handler_task_id: mend } }
  - { id: other, tool: say }
  - ¶{ id: mend, tool: say, parameters: { v: "{{ other }}" } }`,
  ],
  [
    'error_handler_invalid',
    /cannot be a loop/,
    `
  - { id: a, tool: say, on_error: { handler_task_id: mend } }
  - ¶{ id: mend, tool: say, for_each: [1] }`,
  ],
  [
    'undefined_variable',
    /`error` has a value only in an error handler/,
    `
  - { id: a, tool: say, parameters: { v: "{{ ¶error.error_type }}" } }`,
  ],
  [
    'undefined_variable',
    /no `message`/,
    `
  - { id: a, tool: say, on_failure: b }
  - { id: b, tool: say, parameters: { v: "{{ ¶error.message }}" } }`,
  ],
  [
    'bad_value',
    /at-most-once/,
    `
  - id: a
    tool: say
    effect: ¶once`,
  ],
  [
    'ambiguous_step_id',
    /iteration/,
    `
  - { id: each, for_each: [1], steps: [{ id: b, tool: say }] }
  - tool: say
    id: ¶each_0_b`,
  ],
]

/** Faults of loops. */
export const LOOPS: readonly Vector[] = [
  [
    'dependency_unknown',
    /`b` depends on `a`, which is in the body of loop `each` Wait for `each`\./,
    `
  - { id: each, for_each: [1], steps: [{ id: a, tool: say }] }
  - { id: b, tool: say, dependencies: [¶a] }`,
  ],
  [
    'dependency_unknown',
    /`a` depends on `each`, which is the loop that contains it Remove it/,
    `
  - { id: each, for_each: [1], steps: [{ id: a, tool: say, dependencies: [¶each] }] }`,
  ],
  [
    'bad_value',
    /`for_each`: expected a list, or a template that yields a list, got nothing/,
    `
  - { id: each, for_each: ¶, tool: say }`,
  ],
  [
    'bad_value',
    /`on`: expected a list, or a template that renders to one, got/,
    `
  - { id: q, create_parallel_queue: { on: ¶, action_loop: [{ action: debug }] } }`,
  ],
  [
    'loop_body_missing',
    /no body/,
    `
  - id: a
    for_each: ¶[1]`,
  ],
  [
    'loop_body_missing',
    /1 to 64/,
    `
  - id: a
    for_each: [1]
    steps: ¶[]`,
  ],
  [
    'loop_conflict',
    /`max_parallel:` is a key of loops, but this step is not a loop/,
    `
  - id: a
    tool: say
    max_parallel: ¶3`,
  ],
  [
    'loop_conflict',
    /cannot have both/,
    `
  - id: a
    for_each: [1]
    tool: ¶say
    steps: [{ id: b, tool: say }]`,
  ],
  [
    'ambiguous_step_id',
    /loops `a` and `a_0_x` create the same step ids/,
    `
  - { id: a, for_each: [1], steps: [{ id: x_1_y, tool: say }] }
  - { id: a_0_x, for_each: [1], steps: [{ id: ¶y, tool: say }] }`,
  ],
  [
    'bad_value',
    /`max_parallel`: expected a whole number from 1 to 1000, or a template, got 0/,
    `
  - id: a
    for_each: [1]
    max_parallel: ¶0
    tool: say`,
  ],
  [
    'bad_value',
    /`parallel`: expected true or false, got "maybe"/,
    `
  - { id: a, foreach: [1], parallel: ¶maybe, tool: say }`,
  ],
  [
    'loop_conflict',
    /a step cannot have both `for_each:` and `foreach:`/,
    `
  - id: a
    for_each: [1]
    foreach: ¶[1]
    tool: say`,
  ],
  [
    'loop_body_missing',
    /Move the action into a step under `steps:`. To iterate over a list, use `for_each:`./,
    `
  - id: a
    tool: say
    while: ¶"{{ loop.index < 3 }}"`,
  ],
  [
    'loop_variable_outside_loop',
    /body/,
    `
  - id: a
    for_each: "{{ ¶item }}"
    tool: say`,
  ],
  [
    'loop_variable_outside_loop',
    /another kind: while, action_loop.*Write `index`/,
    `
  - id: a
    for_each: [1]
    tool: say
    parameters: { text: "{{ ¶iteration }}" }`,
  ],
  [
    'unknown_key',
    /`parallel:` has no effect with `for_each:`.*mean `max_parallel`/,
    `
  - id: a
    for_each: [1]
    ¶parallel: true
    tool: say`,
  ],
  [
    'unknown_key',
    /`loop_var:` has no effect with `while:`/,
    `
  - id: a
    while: "{{ iteration < 2 }}"
    ¶loop_var: x
    steps: [{ id: b, tool: say }]`,
  ],
  [
    'loop_variable_outside_loop',
    /loop_var/,
    `
  - id: a
    tool: say
    parameters: { text: "{{ ¶loop_var('x', 'item') }}" }`,
  ],
  [
    'undefined_variable',
    /prev_b/,
    `
  - { id: a, for_each: [1], steps: [{ id: b, tool: say, parameters: { t: "{{ ¶prev_b }}" } }] }`,
  ],
  [
    'dependency_self',
    /`iteration`/,
    `
  - { id: a, while: "{{ ¶a.iterations < 3 }}", steps: [{ id: b, tool: say }] }`,
  ],
  [
    'reserved_step_id',
    /the id `iteration` is reserved: it has another meaning in templates/,
    `
  - { id: a, while: "true", steps: [{ id: ¶iteration, tool: say }] }`,
  ],
  [
    'until_and_while',
    /cannot have both/,
    `
  - id: a
    action_loop: [{ tool: say }]
    until: "{{ iteration > 2 }}"
    while_condition: ¶"{{ iteration < 3 }}"`,
  ],
  [
    'until_and_while',
    /cannot have both/,
    `
  - { id: a, create_parallel_queue: { on: [1], action_loop: [{ tool: say }], until: "true", while: ¶"true" } }`,
  ],
  [
    'missing_parameter',
    /until:/,
    `
  - id: a
    action_loop: ¶[{ tool: say }]`,
  ],
  [
    'loop_body_missing',
    /1 to 64 actions/,
    `
  - id: a
    until: "true"
    action_loop: ¶[]`,
  ],
  [
    'missing_parameter',
    /on:/,
    `
  - id: a
    create_parallel_queue: ¶{ action_loop: [{ tool: say }] }`,
  ],
  [
    'bad_value',
    /on:/,
    `
  - id: a
    create_parallel_queue: ¶12`,
  ],
  [
    'loop_conflict',
    /items:/,
    `
  - id: a
    type: ¶parallel_map
    tool: say`,
  ],
  [
    'bad_value',
    /max_iterations/,
    `
  - id: a
    while: "true"
    max_iterations: ¶-1
    steps: [{ id: b, tool: say }]`,
  ],
  [
    'bad_value',
    /true or false/,
    `
  - id: a
    foreach: [1]
    parallel: ¶3
    tool: say`,
  ],
  [
    'bad_value',
    /true or false/,
    `
  - id: a
    action_loop: [{ tool: say }]
    until: "true"
    break_on_error: ¶maybe`,
  ],
  [
    'bad_value',
    /expression/,
    `
  - id: a
    until: ¶[1]
    steps: [{ id: b, tool: say }]`,
  ],
  [
    'bad_value',
    /`loop_name`: expected a name, got/,
    `
  - id: a
    for_each: [1]
    loop_name: ¶3
    tool: say`,
  ],
  [
    'not_supported',
    /a model cannot choose the route after a failure: <AUTO> in `on_failure:`/,
    `
  - id: a
    for_each: [1]
    steps: [{ id: b, tool: say, on_failure: ¶<AUTO>where?</AUTO> }]`,
  ],
  [
    'routing_unknown',
    /no step follows `b`/,
    `
  - id: a
    for_each: [1]
    steps: [{ id: b, tool: say, goto: ¶<AUTO>where?</AUTO> }]`,
  ],
  [
    'undefined_variable',
    /step `b` is in the body of loop `a`/,
    `
  - { id: a, for_each: [1], steps: [{ id: b, tool: say }] }
  - id: c
    parameters: { text: "{{ ¶b.x }}" }
    tool: say`,
  ],
  [
    'dependency_self',
    /own result/,
    `
  - id: a
    for_each: [1]
    steps:
      - { id: b, tool: say, parameters: { t: "{{ ¶a }}" } }`,
  ],
]

/** Steps as a pipeline with inputs `topic` and `n`. */
export const inPipeline = (steps: string) => `name: x\ninputs: { topic: tides, n: 3 }\nsteps:${steps}`
