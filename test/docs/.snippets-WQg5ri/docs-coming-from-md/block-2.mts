import { defineWorkflow, start } from 'antiphon'
import { z } from 'zod'

const sendEmail = async (to: string, template: string) => console.log(`${template} for ${to}`)

const onboarding = defineWorkflow({
  name: 'user-onboarding',
  input: z.object({ email: z.string() }),
  run: (ctx, { email }) => ctx.step('send-welcome-email', () => sendEmail(email, 'welcome')),
})

await using app = await start({ workflows: [onboarding] })
const run = await app.start(onboarding, { email: 'text@example.com' })
await run.result()
