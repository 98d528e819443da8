/** A sail with a second one behind it, on water: seen before it is here. */
export function Logo({ size = 24 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 24 24" aria-hidden="true">
      <rect width="24" height="24" rx="6" fill="#2F5FC4" />
      <path d="M12.9 4.2v11.3H5.2C8.6 13 11.6 9.3 12.9 4.2Z" fill="#fff" />
      <path d="M14.5 7.6c1.2 3 2.9 5.7 5 7.9h-5Z" fill="#fff" fillOpacity=".62" />
      <path
        d="M4.6 18.6c2.5 1.3 4.9 1.3 7.4 0s4.9-1.3 7.4 0"
        fill="none"
        stroke="#fff"
        strokeWidth="1.6"
        strokeLinecap="round"
      />
    </svg>
  )
}
