import { textCommand } from '../lib/commands.ts'
import { go, href } from '../lib/router.ts'
import { client, mayUseCommands } from '../lib/server.ts'
import { Action } from '../parts/basics.tsx'
import { SAMPLES } from './samples.ts'

/** An empty folder: three things to try. */
export function FirstSteps() {
  return (
    <section class="first">
      <p class="lead">Nothing has run here yet. Try one of these, and watch it.</p>
      <ul class="cards">
        {SAMPLES.map(({ title, about, text }) => (
          <li key={title} class="card">
            <h2>{title}</h2>
            <p class="quiet">{about}</p>
            <Action
              kind="primary"
              label="Run it"
              does={async () => {
                const { id } = await client.runs.start({ source: { text } })
                go(href(['runs', id]))
              }}
              copies={textCommand(text)}
            />
          </li>
        ))}
      </ul>
      {mayUseCommands() && (
        <p class="quiet">
          Or from a terminal: <code>antiphon init</code>, then <code>antiphon run pipeline.yaml</code>
        </p>
      )}
    </section>
  )
}
