import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { Agent, run, setDefaultOpenAIClient, setOpenAIAPI, setTracingDisabled, tool } from '@openai/agents'
import OpenAI from 'openai'
import { z } from 'zod'
import { answered, append, folder, goals, messageOf, modelUrl, ready } from '../kills/job.ts'

setDefaultOpenAIClient(new OpenAI({ baseURL: modelUrl, apiKey: 'none' }))
setOpenAIAPI('chat_completions')
setTracingDisabled(true)

const clerk = new Agent({
  name: 'clerk',
  model: 'scripted',
  instructions: 'You append lines.',
  tools: [
    tool({
      name: 'append',
      description: 'Appends a line.',
      parameters: z.object({ goal: z.string(), line: z.number() }),
      execute: append,
    }),
  ],
})

class FileSession {
  constructor(id) {
    this.id = id
    this.file = `${folder}/${id}.json`
    this.items = existsSync(this.file) ? JSON.parse(readFileSync(this.file, 'utf8')) : []
  }
  save(items) {
    this.items = items
    writeFileSync(this.file, JSON.stringify(items))
  }
  async getSessionId() {
    return this.id
  }
  async getItems(limit) {
    return limit === undefined ? this.items : this.items.slice(-limit)
  }
  async addItems(items) {
    this.save([...this.items, ...items])
  }
  async popItem() {
    const last = this.items.at(-1)
    this.save(this.items.slice(0, -1))
    return last
  }
  async clearSession() {
    this.save([])
  }
}

await ready()
await Promise.all(
  goals.map(async (goal) => {
    const session = new FileSession(goal)
    const input = session.items.length > 0 ? [] : messageOf(goal)
    const result = await run(clerk, input, { session }).catch((error) => ({ finalOutput: `failed: ${error}` }))
    await answered(goal, result.finalOutput)
  }),
)
