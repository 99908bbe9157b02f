#!/bin/sh
# Shows which tags a release gets.
set -u
cd "$(dirname "$0")" || exit 1
sha=0123456789abcdef0123456789abcdef01234567
failed=0

# case NAME VERSION RELEASED EXPECTED: the last two with words for lines, SHA for the commit; EXPECTED may be "refused".
check() {
  got=$(printf '%s\n' "$3" | tr ' ' '\n' | ./tags.sh "$2" "$sha" 2> /dev/null)
  code=$?
  got=$(printf '%s' "$got" | sed "s/$sha/SHA/" | tr '\n' ' ')
  [ "$code" = 0 ] || got=refused
  [ "$code" = 0 ] || [ "$code" = 2 ] || got="exit code $code"
  got=${got% }
  if [ "$got" != "$4" ]; then
    echo "not ok: $1: expected '$4', got '$got'"
    failed=1
  fi
}

check 'the first release'                        v1.0.0      ''                           '1.0.0 SHA 1.0 1 latest'
check 'the tag that is being released is listed' v1.0.0      'v1.0.0'                     '1.0.0 SHA 1.0 1 latest'
check 'without a v'                              1.2.3       '1.2.2'                      '1.2.3 SHA 1.2 1 latest'
check 'a patch moves the floating tags'          v1.2.4      'v1.2.3 v1.1.9'              '1.2.4 SHA 1.2 1 latest'
check 'a minor version'                          v1.3.0      'v1.2.9 v1.2.10'             '1.3.0 SHA 1.3 1 latest'
check 'ten is more than nine'                    v1.10.0     'v1.9.0'                     '1.10.0 SHA 1.10 1 latest'
check 'nine is less than ten'                    v1.9.1      'v1.10.0'                    '1.9.1 SHA'
check 'a backport to a lower minor version'      v1.2.5      'v1.2.4 v1.3.0'              '1.2.5 SHA'
check 'a backport to a lower major version'      v1.9.9      'v1.9.8 v2.0.0'              '1.9.9 SHA'
check 'a lower patch, late'                      v1.2.4      'v1.2.3 v1.2.5'              '1.2.4 SHA'
check 'a pre-release moves nothing'              v2.0.0-rc.1 'v1.9.0'                     '2.0.0-rc.1 SHA'
check 'a pre-release is no higher version'       v1.9.1      'v1.9.0 v2.0.0-rc.1'         '1.9.1 SHA 1.9 1 latest'
check 'other tags are no versions'               v1.0.1      'nightly v9 v2.x deploy-7.0.0 v1.0.0' '1.0.1 SHA 1.0 1 latest'
check 'no release'                               ''          'v1.0.0'                     'SHA'
check 'two numbers'                              v1.2        ''                           refused
check 'leading zeros'                            v1.02.3     ''                           refused
check 'a word'                                   latest      ''                           refused
check 'a blank'                                  'v1.2.3 x'  ''                           refused
check 'two lines'                                'v1.2.3
v1.2.4'                                                      ''                           refused
sha=main
check 'no commit'                                v1.2.3      ''                           refused

[ "$failed" = 0 ] && echo 'ok: the tags of 20 releases'
exit "$failed"
