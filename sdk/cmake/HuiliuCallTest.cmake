# Runs `huiliu plugin call` and compares; see huiliu_add_call_test.
string(REPLACE "|" ";" arguments "${ARGUMENTS}")
execute_process(COMMAND ${PROGRAM} plugin call ${LIBRARY} --op ${OP} --settings ${SETTINGS} --http script:${SCRIPT}
  --clock 1750000000000 --seed 1 ${arguments} OUTPUT_VARIABLE got ERROR_VARIABLE said)
file(READ ${EXPECT} wanted)
if(NOT got STREQUAL wanted)
  message(FATAL_ERROR "got:\n${got}\nwant:\n${wanted}\n${said}")
endif()
