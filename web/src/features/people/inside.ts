/** Only pages of ours: `next` may have been written by somebody else. */
export function inside(next: string | null): string {
  return next && /^\/(?![/\\])/.test(next) ? next : '/'
}
