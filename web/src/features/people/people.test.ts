import { describe, expect, it } from 'vitest'
import { deviceOf } from './device'
import { inside } from './inside'

describe('where a sign-in leads', () => {
  it('is a page of ours', () => {
    expect(inside('/deals?status=won')).toBe('/deals?status=won')
    expect(inside(null)).toBe('/')
  })

  it.each(['https://evil.example', '//evil.example', '/\\evil.example', 'javascript:alert(1)', 'deals'])(
    'is not %s',
    (next) => expect(inside(next)).toBe('/'),
  )
})

describe('a device', () => {
  it('is told by its browser and system', () => {
    const edge =
      'Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36 Edg/141.0'
    expect(deviceOf(edge)).toEqual({ browser: 'Edge', system: 'Windows' })
    const iphone =
      'Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1.15 Version/18.0 Safari/604.1'
    expect(deviceOf(iphone)).toEqual({ browser: 'Safari', system: 'iPhone' })
    const wechat =
      'Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 Chrome/130 Mobile Safari/537.36 MicroMessenger/8.0'
    expect(deviceOf(wechat)).toEqual({ browser: '微信', system: 'Android' })
  })

  it('that is no browser has no name', () => {
    expect(deviceOf('python-requests/2.32')).toBeNull()
  })
})
