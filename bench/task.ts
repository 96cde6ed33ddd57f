/** One measurement, carried out by a process that carries out no other. */
export type Task = {
  /** what is measured, `subject/load`, such as `ceiling/update-64` */
  readonly name: string
  /** a folder for it alone, empty at first */
  readonly folder: string
  /** for how long it is done first, in seconds: until code is compiled as well as it will be, and as long for everybody */
  readonly warmUp: number
  /** for how long, after the warm-up */
  readonly seconds: number
  /** no other process has it: keys that outlive the process begin with it */
  readonly id: string
  /** where a server that it needs listens */
  readonly address?: string
  /** its writes are counted: the traces of its own process and of the server that it needs */
  readonly traces?: readonly string[]
}

/** What was measured, by name. */
export type Figures = { readonly [name: string]: number }
