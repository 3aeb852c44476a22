// The agent: runs the program that gets the password, once, and answers all questions with it.
#pragma once

#include "base/unique_fd.h"
#include "programs/password-agent/options.h"

namespace mandos::agent {

// Returns the status to end with (sysexits(3), and 1: there is no question, or no password).
int answer_questions(const Options& options);

} // namespace mandos::agent
