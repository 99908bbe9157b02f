# Does Forgejo at $1 answer this machine within 5 s? Prints "yes" or "no". Its certificate is the runner's business: nothing secret is sent.
if command -v curl > /dev/null 2>&1; then
  curl -ksS -m 5 -o /dev/null "$1/api/v1/version" > /dev/null 2>&1 && { echo yes; exit 0; }
elif command -v wget > /dev/null 2>&1; then
  wget -q -T 5 -t 1 --no-check-certificate -O /dev/null "$1/api/v1/version" > /dev/null 2>&1 && { echo yes; exit 0; }
fi
echo no
