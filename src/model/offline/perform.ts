import type { Task } from '../prompt/task.ts'
import { answerQuestion } from './answer/answer.ts'
import { chooseFrom } from './answer/choose.ts'
import { decideQuestion } from './answer/decide.ts'
import { extractItems } from './answer/extract.ts'
import { summarise } from './answer/summarise.ts'
import { unnamed } from './facts/question.ts'
import { tellValue } from './facts/tell-value.ts'
import { fillSchema } from './fill/fill.ts'
import type { Ask } from './prompt/prompt.ts'
import { type Finding, refuse } from './reading/finding.ts'
import { type Reading, type ReadingOptions, readDocuments } from './reading/reading.ts'

/** Does what is asked with the documents given, or refuses; a schema is always filled. */
export async function perform(ask: Ask, options: ReadingOptions): Promise<Finding> {
  const { documents, intent, schema } = ask
  let read: Reading | undefined
  const reading = () => (read ??= readDocuments(documents, options))
  const told = await tellValue(ask, reading)
  if (told) return told
  if (documents.every(({ text }) => text.trim() === '')) return refuse('no text was given')
  if (schema) return fillSchema(schema, 'task' in intent ? intent.task : { kind: 'fill' }, reading())
  return 'task' in intent ? performTask(intent.task, reading()) : refuse(intent.refused)
}

function performTask(task: Task, reading: Reading): Promise<Finding> {
  // what its texts are called is not looked for in them
  const question = unnamed(task.question ?? '')
  switch (task.kind) {
    case 'answer':
      return answerQuestion(task, question, reading)
    case 'summarise':
      return summarise(task, reading, bulleted(question))
    case 'choose':
      return chooseAmong(task, reading)
    case 'decide':
      return decideQuestion(question, reading)
    case 'extract':
    case 'list':
      return extractItems(task, question, reading)
    case 'fill':
      return Promise.resolve(refuse('there is no schema to fill'))
    case 'write':
      return Promise.resolve(refuse('this asks for text that is not in it'))
  }
}

function chooseAmong({ choices = {} }: Task, reading: Reading): Promise<Finding> {
  return Object.keys(choices).length > 0
    ? chooseFrom(choices, reading)
    : Promise.resolve(refuse('there is nothing to choose from'))
}

function bulleted(instruction: string): string {
  return /\bbullet|\bpoints\b/i.test(instruction) ? '- ' : ''
}
