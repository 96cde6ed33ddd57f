import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const users = new Map([['u1', { email: 'ada@example.com', welcomed: false }]])
const send = async (to: string, subject: string) => console.log(`${subject} to ${to}`)

const sendWelcomeEmail = defineWorkflow({
  name: 'send-welcome-email',
  input: z.object({ userId: z.string() }),
  async run(ctx, { userId }) {
    const user = await ctx.step('fetch-user', () => users.get(userId)!)
    await ctx.step('send-email', () => send(user.email, 'Welcome!'))
    await ctx.step('mark-welcome-email-sent', () => {
      users.set(userId, { ...user, welcomed: true })
    })
    return { user }
  },
})

await using app = await start({ workflows: [sendWelcomeEmail] })
const run = await app.start(sendWelcomeEmail, { userId: 'u1' })
console.log((await run.result()).user.email)
