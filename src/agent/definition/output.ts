import { problemOfSchema } from '../../model/structured-output/schema-problem.ts'
import type { AgentFields } from './fields.ts'
import type { ReportAgentFinding } from './finding.ts'

/** Reports a schema of answers that cannot be used. Models give an answer by a call, so it is an object. */
export function checkOutput({ output, learn = 'off' }: AgentFields, report: ReportAgentFinding): void {
  if (output === undefined) return
  const wrong = problemOfSchema(output)
  if (wrong !== undefined)
    report('error', ['output'], `\`output\` is not a usable JSON Schema: ${wrong}`, { hint: EXAMPLE })
  else if (output.type !== 'object')
    report('error', ['output'], `\`output\`: expected a schema with \`type: object\`, got ${typeIn(output.type)}`, {
      hint: 'Put another value into a property, such as { type: object, properties: { lines: { type: array } } }.',
    })
  else if (learn !== 'off')
    report('warning', ['learn'], 'an agent with an `output` learns no playbooks', {
      hint: 'It still follows those that it has learned.',
    })
}

const typeIn = (type: AgentFields['output'] | unknown) =>
  type === undefined ? 'a schema without a type' : `\`type: ${JSON.stringify(type)}\``

const EXAMPLE = 'Write for example output: { type: object, properties: { name: { type: string } }, required: [name] }'
