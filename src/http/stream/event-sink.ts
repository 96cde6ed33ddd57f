/** Where the texts of an event stream go: one client. */
export interface Outlet {
  /** Takes the text; false when it is full and wants no more before its filler is told `ready`. */
  write(text: string): boolean
  /** Nothing more will come. */
  end(): void
}

/** Writes events into a sink. */
export interface Filler {
  /** The outlet takes more again. */
  ready(): void
  /** The client is gone; may be called twice. */
  leave(): void
}

/** Begins to fill an outlet. */
export type Feed = (outlet: Outlet) => Filler
