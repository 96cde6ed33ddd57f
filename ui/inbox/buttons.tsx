import { useState } from 'preact/hooks'
import { client, isMounted, may } from '../lib/server.ts'
import { Action, Actions, Command } from '../parts/basics.tsx'

export function Buttons<Choice extends string>({
  choices,
  labels,
  send,
  words,
  done,
}: {
  readonly choices: readonly Choice[]
  /** words for the choices; absent: the first choice is the one to expect */
  readonly labels?: { readonly [choice: string]: string }
  send(choice: Choice): Promise<unknown>
  words(choice: Choice): readonly string[]
  done(): void
}) {
  return (
    <>
      <Actions>
        {choices.map((choice, index) => (
          <Action
            key={choice}
            label={labels?.[choice] ?? choice}
            kind={index === 0 && !labels ? 'primary' : ''}
            does={() => send(choice).then(done)}
          />
        ))}
      </Actions>
      <Command words={words(choices[0]!)} />
    </>
  )
}

/** The form that raises a budget. */
export function Money({ scope, done }: { readonly scope: string; done(): void }) {
  const [dollars, setDollars] = useState('')
  if (isMounted() || !may('run')) return <p class="quiet">The operator of the server raises the budget {scope}.</p>
  return (
    <>
      <label class="field">
        New limit of the budget {scope}, in dollars
        <input
          type="number"
          min="0"
          step="any"
          value={dollars}
          onInput={({ currentTarget }) => setDollars(currentTarget.value)}
        />
      </label>
      <Actions>
        <Action
          kind="primary"
          label="Raise"
          disabled={dollars === ''}
          does={() => client.budgets.raise(scope, Number(dollars)).then(done)}
        />
      </Actions>
      <Command words={['budget', 'raise', scope, dollars || 'DOLLARS']} />
    </>
  )
}
