import type { LanguageModelV4 } from '@ai-sdk/provider'
import { recordedModel } from '../../../src/testing/recorded-model.ts'
import { scriptedModel } from '../../../src/testing/scripted-model.ts'

// Records replies one after the other and says so, until its process is killed.

const [file = '', first = '0'] = process.argv.slice(2)
const real = scriptedModel([{ reply: 'x'.repeat(5000) }])
const model = recordedModel(file, { model: real, record: 'once' }) as unknown as LanguageModelV4
for (let n = Number(first); ; n++) {
  await model.doGenerate({ prompt: [{ role: 'user', content: [{ type: 'text', text: `question ${n}` }] }] })
  process.stdout.write(`${n}\n`)
}
