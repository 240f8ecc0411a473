/** An answer that is no success, in FastAPI's shape: `{"detail": …}`. */
export class WireError extends Error {
  readonly status: 400 | 401 | 404 | 408 | 409 | 410 | 415 | 422 | 425 | 429 | 500

  constructor(status: WireError['status'], message: string) {
    super(message)
    this.name = 'WireError'
    this.status = status
  }
}
