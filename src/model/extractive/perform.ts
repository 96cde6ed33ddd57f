import type { Task } from '../task.ts'
import { answerQuestion } from './answer.ts'
import { chooseFrom } from './choose.ts'
import { decideQuestion } from './decide.ts'
import { extractItems } from './extract.ts'
import { fillSchema } from './fill.ts'
import { type Finding, refuse } from './finding.ts'
import type { Ask } from './prompt.ts'
import { type Reading, type ReadingOptions, readDocuments } from './reading.ts'
import { summarise } from './summarise.ts'

/** Does what is asked with the documents given, or refuses; a schema is always filled. */
export async function perform({ documents, intent, schema }: Ask, options: ReadingOptions): Promise<Finding> {
  if (documents.every(({ text }) => text.trim() === '')) return refuse('no text was given')
  if (schema)
    return fillSchema(schema, 'task' in intent ? intent.task : { kind: 'fill' }, readDocuments(documents, options))
  return 'task' in intent ? performTask(intent.task, readDocuments(documents, options)) : refuse(intent.refused)
}

function performTask(task: Task, reading: Reading): Promise<Finding> {
  const question = task.question ?? ''
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
